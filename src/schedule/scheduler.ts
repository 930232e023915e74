import { Problem, toProblem } from '../errors.js';
import type { Certificate, Metadata } from '../monitor/certificate.js';
import { missedProblem, type MissedWindows } from './missed.js';
import type { Schedule } from './schedule.js';
import { windowsFrom, type Window } from './windows.js';

/** What the scheduler may do, and what it must know for that. */
export interface ScheduledRecordings {
  /** The recording that runs, begins or ends; `busy`: it cannot be ended now. */
  running: () => { name: string; by: string; busy: boolean } | null;
  start: (wish: { durationMs: number; metadata: Metadata }) => Promise<unknown>;
  stop: () => Promise<unknown>;
  /** Tells people what went wrong. */
  onTrouble: (problem: Problem) => void;
  /** UTC in ms; it steps when the clock is set. */
  now: () => number;
}

/** Who began a recording that the schedule began. */
export const bySchedule = 'schedule';

/** The clock may be set at any time, so it is looked at this often. */
const lookEveryMs = 1000;
/** The windows of so long are kept; working them out is slow. */
const planMs = 3_600_000;
/** What could not begin is tried again after this. */
const retryMs = 10_000;
/** What broke off sooner than this is begun anew only after it, lest it fill the disk with folders. */
const shortMs = 60_000;
/** Less is not worth a recording: it is what a clock that was set a little back leaves of a window. */
const leastMs = 1000;

const nothingTold = { about: '', id: '', endMs: 0, why: '' };

/**
 * Records as the schedule says. One recording runs at a time: what a person began is never cut, and
 * of entries that overlap the one that began first goes on; what is left of another's time is
 * recorded after it. What a person stops stays stopped until its end by the schedule.
 */
export class Scheduler {
  private timer: NodeJS.Timeout | null = null;
  private plan: { madeMs: number; items: unknown; zone: string; windows: Window[] } | null = null;
  /** What the scheduled recording that runs, or ran last, was begun for. */
  private current: Window | null = null;
  private busy = false;
  private lookAgain = false;
  /** By performance.now(). */
  private retryAtMs = -Infinity;
  /** When the one that runs, or ran last, was begun, by performance.now(). */
  private begunAtMs = -Infinity;
  /** What was last said of which window, so that it is said once; and why it could not begin. */
  private told = nothingTold;

  constructor(
    readonly schedule: Schedule,
    private readonly recordings: ScheduledRecordings,
    private readonly missed: MissedWindows,
  ) {}

  /** Begins at once what should be running now. */
  start(): void {
    this.timer ??= setTimeout(() => this.look(), 0);
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** The next windows, the one that is due now first. */
  upcoming(most: number): Window[] {
    const found: Window[] = [];
    for (const window of windowsFrom(this.schedule.items, this.schedule.timeZone, this.now())) {
      if (found.push(window) === most) break;
    }
    return found;
  }

  /** To be told each recording that has ended. */
  onEnded({ start, stop }: Certificate): void {
    const reason = stop?.reason;
    if (start.by === bySchedule && reason === 'requested') this.skipRest();
    const brokeOff = reason !== 'requested' && reason !== 'duration' && reason !== 'schedule';
    const now = performance.now();
    if (brokeOff && now - this.begunAtMs < shortMs) this.retryAtMs = now + shortMs;
    this.lookSoon();
  }

  /** To be called when the entries have changed. */
  entriesChanged(): void {
    this.missed.scheduleChanged(this.now());
    this.lookSoon();
  }

  /** Looks at the clock at once, not within the second. */
  lookSoon(): void {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), 0);
  }

  private look(): void {
    const now = this.now();
    const windows = this.windowsNow(now);
    if (this.busy) this.lookAgain = true;
    else void this.keepTo(windows, now);
    const edges = windows.flatMap(({ startMs, endMs }) => [startMs, endMs]);
    const next = Math.min(...edges.filter((edge) => edge > now), now + lookEveryMs);
    this.timer = setTimeout(() => this.look(), Math.max(1, next - now)).unref();
    this.tellMissed(now); // last: whatever fails in it keeps nothing from beginning
  }

  private async keepTo(windows: Window[], now: number): Promise<void> {
    this.busy = true;
    try {
      const due = windows.filter(({ startMs, endMs }) => startMs <= now && now < endMs);
      const running = this.recordings.running();
      if (running === null) await this.begin(due[0], now);
      else if (running.by !== bySchedule) this.tellBlocked(due[0], running.name);
      else if (!running.busy) await this.endUnlessDue(due);
    } finally {
      this.busy = false;
      if (this.lookAgain) this.lookSoon();
      this.lookAgain = false;
    }
  }

  private async begin(window: Window | undefined, now: number): Promise<void> {
    if (window === undefined || window.endMs - now < leastMs || performance.now() < this.retryAtMs)
      return;
    const { title, metadata } = this.schedule.get(window.id);
    this.current = window;
    this.begunAtMs = performance.now();
    try {
      await this.recordings.start({
        durationMs: window.endMs - now,
        metadata: { schedule: title, ...metadata },
      });
      this.told = nothingTold;
      this.missed.began(window);
    } catch (error) {
      this.retryAtMs = performance.now() + retryMs;
      const { code, detail, field } = toProblem(error);
      const text = `The scheduled recording ${title} could not begin: ${detail}`;
      this.tellOnce(window, new Problem(code, text, field, { cause: error }), detail);
    }
  }

  private async endUnlessDue(due: Window[]): Promise<void> {
    // After a restart of the program it may be one that was begun before.
    this.current ??= due[0] ?? null;
    const ofCurrent = due.filter(({ id }) => id === this.current?.id);
    if (ofCurrent.length > 0) {
      // One that follows the other, and whatever else has its time in this recording.
      for (const window of due) this.missed.began(window);
      return;
    }
    await this.recordings.stop().catch(() => undefined); // it has ended by itself meanwhile
  }

  private tellBlocked(window: Window | undefined, name: string): void {
    if (window === undefined) return;
    const { title } = this.schedule.get(window.id);
    const detail =
      `The scheduled recording ${title} waits: ${name} is running. What is left of its time is ` +
      'recorded once that has ended.';
    this.tellOnce(window, new Problem('recording-running', detail), `${name} was running.`);
  }

  private tellOnce({ id, endMs }: Window, problem: Problem, why: string): void {
    const about = `${id} ${endMs} ${problem.code}`;
    if (about === this.told.about) return;
    this.told = { about, id, endMs, why };
    this.recordings.onTrouble(problem);
  }

  private tellMissed(now: number): void {
    const missed = this.missed.take(this.schedule, now);
    const last = missed.at(-1);
    if (last === undefined) return;
    const { id, endMs, why } = this.told;
    const known = id === last.id && endMs === last.endMs;
    this.recordings.onTrouble(missedProblem(missed, this.schedule, known ? why : null));
  }

  private skipRest(): void {
    const now = this.now();
    const window = this.current ?? this.windowsNow(now).find(({ startMs }) => startMs <= now);
    if (window === undefined) return;
    this.schedule
      .skip(window.id, window.endMs)
      .catch((error: unknown) => this.recordings.onTrouble(toProblem(error)));
  }

  /** Those that end after now and begin within the time of a plan, by their starts. */
  private windowsNow(now: number): Window[] {
    const { items, timeZone: zone } = this.schedule;
    const { plan } = this;
    const fits = plan !== null && plan.items === items && plan.zone === zone;
    if (fits && now >= plan.madeMs && now < plan.madeMs + planMs) {
      return plan.windows.filter(({ endMs }) => endMs > now);
    }
    const windows: Window[] = [];
    for (const window of windowsFrom(items, zone, now)) {
      if (window.startMs < now + planMs) windows.push(window);
      else if (window.startMs > now + 2 * planMs) break; // clocks that skip midnight mix two days
    }
    this.plan = { madeMs: now, items, zone, windows };
    return windows;
  }

  private now(): number {
    return this.recordings.now();
  }
}
