import type { Problem, ProblemJson } from '../errors.js';
import type { Status } from '../monitor/status.js';
import type { ApiAnswer } from './api-answer.js';
import type { ApiCall, ApiCaller } from './api-caller.js';
import type { ClockReading } from './clock-meter.js';

/** What a link knows of the monitor at its other end. */
export interface Heard {
  status: Status;
  /** Tells one run of the monitor's program from another, and from a copy of it elsewhere. */
  run: string | null;
  /** When, by performance.now(). */
  atMs: number;
  /** Since when it is this run. */
  runSinceMs: number;
}

/**
 * The way to one monitor. It keeps the status fresh by itself, and carries calls of its API; pictures and
 * files do not go through it.
 */
export interface MonitorLink {
  readonly kind: 'http' | 'mqtt';
  readonly address: string;
  /** The last that was heard, however old; null before the first answer. */
  readonly heard: Heard | null;
  /** An answer has come lately. False within 5 s of a monitor that went away. */
  readonly reachable: boolean;
  /** The id that something at this address claims and does not prove; null where all is well. */
  readonly pretended: string | null;
  /** Why it is not, or why its answers are of no use. */
  readonly problem: Problem | null;
  /** The last error the monitor told of, since this program runs. */
  readonly lastError: ProblemJson | null;
  readonly clock: ClockReading | null;
  /** For pictures and files. */
  readonly http: ApiCaller;
  start(): void;
  stop(): void;
  /** Asks for the status now, instead of when it is due. */
  refresh(): void;
  /** Rejects with `unreachable` where no answer came; every answer of the monitor resolves. */
  call(call: ApiCall): Promise<ApiAnswer>;
}
