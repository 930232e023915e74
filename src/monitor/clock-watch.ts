import { Problem } from '../errors.js';
import type { NativeClock } from '../native.js';
import { ClockMapping, type MappingChange } from '../system/clock-mapping.js';
import { Serial } from '../system/serial.js';
import type { SetClock, ToldTime } from '../system/set-clock.js';
import {
  clockStateOf,
  keptByTimesync,
  unknownClock,
  type ClockState,
} from '../system/wall-clock.js';

const sampleEveryMs = 1000;
const timesyncEveryMs = 60_000;

/** Set by someone of whom nothing is known. */
const setByHand: ClockState = { source: 'manual', uncertaintyMs: null };

export interface ClockListener {
  /** `change`: how wall time follows from sensor time now, where that has changed. */
  onClock: (state: ClockState, change: MappingChange | null) => void;
}

/**
 * Looks at the wall clock every second: whether somebody vouches for it, and whether it still goes
 * with the sensor's. A step is noticed up to a second after it; the wall time that each frame
 * carries is that of its own instant.
 */
export class ClockWatch {
  state: ClockState = unknownClock;
  private readonly mapping = new ClockMapping();
  private byTimesync = false;
  /** Since somebody else than a time server set the clock. */
  private setTo: ClockState | null = null;
  private held = false;
  private readonly settings = new Serial();
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly readClocks: () => NativeClock,
    private readonly setClock: SetClock,
    private readonly listener: ClockListener,
  ) {}

  async start(): Promise<void> {
    await this.lookForTimesync();
    this.sample();
    this.timers = [
      setInterval(() => this.sample(), sampleEveryMs).unref(),
      setInterval(() => void this.lookForTimesync(), timesyncEveryMs).unref(),
    ];
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** UTC in µs of an instant of the sensor's clock, as the wall clock stands now. */
  wallUsAt(sensorNs: number): number | null {
    const wallUs = this.mapping.wallUsAt(sensorNs);
    return wallUs === null ? null : Math.round(wallUs);
  }

  /** Sets the wall clock. Throws `clock-kept` where a time server does, or what keeps it from that. */
  async set(told: ToldTime): Promise<ClockState> {
    const receivedNs = this.readClocks().monotonicNs;
    if (this.state.source === 'ntp') {
      throw new Problem('clock-kept', 'A time server sets this clock better than a device can.');
    }
    return this.settings.run(() => this.setHeld(told, receivedNs));
  }

  private async setHeld(told: ToldTime, receivedNs: number): Promise<ClockState> {
    this.held = true; // the step is not to be seen before its source is known
    let vouched = false;
    try {
      this.setTo = await this.setClock(told, receivedNs, this.readClocks);
      vouched = true;
      return this.setTo;
    } finally {
      this.held = false;
      this.sample(vouched);
    }
  }

  /** Also called by itself, every second. `vouched`: whoever set the clock since is known. */
  sample(vouched = false): void {
    if (this.held) return;
    const clocks = this.readClocks();
    if (clocks.synchronised === true) this.setTo = null;
    let state = this.read(clocks);
    let change = this.mapping.take({
      sensorNs: clocks.monotonicNs,
      wallUs: clocks.wallUs,
      uncertaintyUs: microseconds(state),
      source: state.source,
    });
    if (change?.reason === 'step' && state.source !== 'ntp' && !vouched) {
      this.setTo = setByHand; // nobody who vouches for the clock has set it
      state = this.read(clocks);
      change = { ...change, source: state.source, uncertaintyUs: microseconds(state) };
    }
    const told = this.state.source === state.source && change === null;
    this.state = state;
    if (!told) this.listener.onClock(state, change);
  }

  private read(clocks: NativeClock): ClockState {
    return clockStateOf(clocks, { byTimesync: this.byTimesync, setTo: this.setTo });
  }

  private async lookForTimesync(): Promise<void> {
    this.byTimesync = await keptByTimesync();
  }
}

function microseconds({ uncertaintyMs }: ClockState): number | null {
  return uncertaintyMs === null ? null : Math.round(uncertaintyMs * 1000);
}
