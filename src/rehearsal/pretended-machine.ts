import type { Addon, NativeDisk, NativeStatus, Session } from '../native.js';
import type { Surroundings } from '../monitor/surroundings.js';
import type { SetClock } from '../system/set-clock.js';

/** As a usual memory card has it. */
const cardBytes = 64e9;

/**
 * A machine of its own for each simulated monitor: its name, clock, disk and temperature. What it has of
 * the real one are camera, encoder and recorder. The real clock is never set and the real disk's room
 * never told.
 */
export class PretendedMachine {
  diskFull = false;
  /** The session that runs now; faults of the camera are made in it. */
  session: Session | null = null;
  /** How far its wall clock is ahead of the real one. */
  private aheadUs = 0;
  /** Whether a time server keeps its clock. */
  private clockKept = true;

  constructor(
    private readonly real: Addon,
    private readonly host: string,
    /** Which of many: no two are equally warm or full. */
    private readonly index: number,
  ) {}

  /** The clock stands elsewhere from here on, and nobody keeps it; 0: all is well again. */
  jumpClock(aheadUs: number): void {
    this.aheadUs = aheadUs;
    this.clockKept = aheadUs === 0;
  }

  get addon(): Addon {
    const { real } = this;
    return {
      ...real,
      clockState: () => {
        const { clockKept } = this;
        const clock = this.byItsClock(real.clockState());
        const errorUs = clockKept ? 2000 : null;
        return {
          ...clock,
          synchronised: clockKept,
          maxErrorUs: errorUs,
          estimatedErrorUs: errorUs,
        };
      },
      Session: this.sessionClass(),
    };
  }

  get surroundings(): Surroundings {
    return {
      host: this.host,
      boardSerial: () => Promise.resolve(null),
      readHealth: () => {
        const swingC = 2 * Math.sin(performance.now() / 60_000 + this.index);
        const temperatureC = Math.round((48 + (this.index % 9) + swingC) * 10) / 10;
        return Promise.resolve({ temperatureC, throttled: [], undervoltage: false });
      },
      setClock: this.setClock,
      roomOn: () => Promise.resolve(this.room),
    };
  }

  private get room(): Pick<NativeDisk, 'freeBytes' | 'totalBytes'> {
    const share = 0.3 + 0.06 * (this.index % 10);
    return { freeBytes: this.diskFull ? 0 : cardBytes * share, totalBytes: cardBytes };
  }

  /** As `date --set` would, for this machine alone. */
  private readonly setClock: SetClock = (told, receivedNs, readClocks) => {
    const { monotonicNs, wallUs } = readClocks();
    const sinceUs = (monotonicNs - receivedNs) / 1000;
    this.aheadUs += told.wallUs + (told.roundTripMs / 2) * 1000 + sinceUs - wallUs;
    return Promise.resolve({ source: 'browser', uncertaintyMs: told.roundTripMs / 2 });
  };

  private byItsClock<T>(value: T): T {
    return this.aheadUs === 0 ? value : shifted(value, this.aheadUs);
  }

  /** The addon's, by this machine's clock and with its disk. Frame logs keep the real time. */
  private sessionClass(): Addon['Session'] {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the class below has a `this` of its own
    const machine = this;
    return class extends machine.real.Session {
      constructor(listener: ConstructorParameters<Addon['Session']>[0]) {
        super({ ...listener, onEvent: (event) => listener.onEvent(machine.byItsClock(event)) });
        machine.session = this;
      }

      override status(): NativeStatus {
        const status = machine.byItsClock(super.status());
        return { ...status, disk: status.disk && { ...status.disk, ...machine.room } };
      }

      override async startRecording(...args: Parameters<Session['startRecording']>) {
        return machine.byItsClock(await super.startRecording(...args));
      }

      override async stopRecording(...args: Parameters<Session['stopRecording']>) {
        return machine.byItsClock(await super.stopRecording(...args));
      }
    };
  }
}

/** The same with every field that is wall time moved. */
function shifted<T>(value: T, us: number): T {
  if (Array.isArray(value)) return value.map((one: unknown) => shifted(one, us)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, one]: [string, unknown]) => [
    name,
    /wallUs$/i.test(name) && typeof one === 'number' && one !== 0 ? one + us : shifted(one, us),
  ]);
  return Object.fromEntries(fields) as T;
}
