import { readHealth, unknownHealth, type Health } from '../system/health.js';
import { readClockState, unknownClock, type ClockState } from '../system/wall-clock.js';

const healthEveryMs = 5000;
/** Asking for the clock starts a child process. */
const clockEveryMs = 60_000;

/** The machine's health and clock, read now and then, so that a status answers from memory. */
export class Vitals {
  health: Health = unknownHealth;
  clock: ClockState = unknownClock;
  private highest: number | null = null;
  private seen = new Set<string>();
  private timers: NodeJS.Timeout[] = [];

  constructor(private readonly onClockChanged: (clock: ClockState) => void) {}

  async start(): Promise<void> {
    this.timers = [
      setInterval(() => void this.readHealth(), healthEveryMs).unref(),
      setInterval(() => void this.readClock(), clockEveryMs).unref(),
    ];
    void this.readClock(); // its child process may hang; until it answers the clock is unknown
    await this.readHealth();
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** From here on `worst` is counted: a recording begins. */
  mark(): void {
    this.highest = this.health.temperatureC;
    this.seen = new Set(this.health.throttled);
  }

  /** The worst there was since the mark. */
  worst(): { maxTemperatureC: number | null; throttled: string[]; undervoltage: boolean | null } {
    const throttled = [...this.seen];
    const undervoltage =
      this.health.undervoltage === null
        ? null
        : throttled.some((flag) => flag.startsWith('undervoltage'));
    return { maxTemperatureC: this.highest, throttled, undervoltage };
  }

  private async readHealth(): Promise<void> {
    this.health = await readHealth();
    const { temperatureC, throttled } = this.health;
    if (temperatureC !== null) this.highest = Math.max(this.highest ?? -Infinity, temperatureC);
    for (const flag of throttled) this.seen.add(flag);
  }

  private async readClock(): Promise<void> {
    const clock = await readClockState();
    const changed = clock.source !== this.clock.source;
    this.clock = clock;
    if (changed) this.onClockChanged(clock);
  }
}
