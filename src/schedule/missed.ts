import { Type } from '@sinclair/typebox';
import { validator } from '../config/validate.js';
import { Problem, toProblem } from '../errors.js';
import { readJson, writeJson } from '../system/json-file.js';
import { Serial } from '../system/serial.js';
import type { Schedule } from './schedule.js';
import { windowsFrom, type Window } from './windows.js';

const dayMs = 86_400_000;
/** A machine that was off for longer is told the last of what it missed. */
const rememberedMs = 7 * dayMs;
/** For so long a clock that is behind what is accounted for is taken for one that is not set yet. */
const clockPatienceMs = 3_600_000;

const ms = Type.Integer();
const validate = validator(
  Type.Object(
    {
      sinceMs: ms,
      begun: Type.Array(
        Type.Object({ id: Type.String(), startMs: ms, endMs: ms }, { additionalProperties: false }),
      ),
    },
    { additionalProperties: false },
  ),
  'The file',
);

/**
 * Finds the windows of a schedule of which nothing was recorded. What was begun is kept in a file, so
 * that a machine that was off knows at its next start what it has missed.
 */
export class MissedWindows {
  /** All that ended before is accounted for, UTC in ms; null: nothing is known yet. */
  private sinceMs: number | null = null;
  /** Those that were begun and had not ended by then. */
  private begun: Window[] = [];
  /** None ends before; null: that has to be worked out. */
  private nextEndMs: number | null = null;
  /** The last instant it was asked at. */
  private askedMs = -Infinity;
  /** Since when the clock has been behind what is accounted for, by `elapsedMs`. */
  private behindSinceMs: number | null = null;
  private readonly saves = new Serial();

  constructor(
    private readonly path: string,
    private readonly onTrouble: (problem: Problem) => void,
    private readonly elapsedMs: () => number = () => performance.now(),
  ) {}

  /** Never throws: without the file nothing is known to be missed. */
  async load(): Promise<void> {
    try {
      const content = await readJson(this.path);
      if (content !== null) ({ sinceMs: this.sinceMs, begun: this.begun } = validate(content));
    } catch (error) {
      this.onTrouble(toProblem(error)); // it is written anew with the next window
    }
  }

  /** Something of a window is recorded. To be called as often as one likes. */
  began(window: Window): void {
    const known = this.begun.some(
      ({ id, startMs }) => id === window.id && startMs === window.startMs,
    );
    if (known) return;
    this.begun.push({ ...window });
    this.save();
  }

  /** The entries have changed: what they would have meant before now was not missed. */
  scheduleChanged(now: number): void {
    this.sinceMs = now; // a person is there, so the clock is believed
    this.nextEndMs = null;
    this.save();
  }

  /** Those that have ended since this was last asked, and of which nothing was recorded. */
  take({ items, timeZone }: Schedule, now: number): Window[] {
    if (items.length === 0) return [];
    if (this.sinceMs === null || this.wasAhead(now)) this.restart(now);
    if (now < this.askedMs) this.nextEndMs = null; // it was worked out by a clock since set back
    this.askedMs = now;
    const sinceMs = Math.max(this.sinceMs ?? now, now - rememberedMs);
    if (now < sinceMs || (this.nextEndMs !== null && now < this.nextEndMs)) return [];
    const ended: Window[] = [];
    this.nextEndMs = now + dayMs;
    for (const window of windowsFrom(items, timeZone, sinceMs)) {
      if (window.endMs <= now) ended.push(window);
      else this.nextEndMs = Math.min(this.nextEndMs, window.endMs);
      if (window.startMs > now + 2 * dayMs) break; // clocks that skip midnight mix two days
    }
    if (ended.length === 0) return [];
    const missed = ended.filter(
      (one) => !this.begun.some(({ id, startMs }) => id === one.id && startMs === one.startMs),
    );
    this.restart(now);
    return missed;
  }

  /** Resolves once all is written, as far as the disk takes it. */
  saved(): Promise<void> {
    return this.saves.run(() => Promise.resolve());
  }

  /**
   * Whether what is accounted for lies ahead because a clock was, once. One that is behind, as many
   * are at power-up, is waited for: what it shows was accounted for.
   */
  private wasAhead(now: number): boolean {
    if (this.sinceMs === null || now >= this.sinceMs) {
      this.behindSinceMs = null;
      return false;
    }
    this.behindSinceMs ??= this.elapsedMs();
    return this.elapsedMs() - this.behindSinceMs > clockPatienceMs;
  }

  private restart(now: number): void {
    this.sinceMs = now;
    this.begun = this.begun.filter(({ startMs, endMs }) => startMs <= now && now < endMs);
    this.save();
  }

  private save(): void {
    const { sinceMs, begun } = this;
    if (sinceMs === null) return;
    this.saves
      .run(() => writeJson(this.path, { sinceMs, begun }))
      .catch((error: unknown) => this.onTrouble(toProblem(error)));
  }
}

const mostNamed = 3;

/** What a person is told of them. `why`: of the last one; null where it is not known. */
export function missedProblem(
  missed: readonly Window[],
  schedule: Schedule,
  why: string | null,
): Problem {
  const { timeZone } = schedule;
  const text = (at: number): string =>
    new Date(at).toLocaleString('sv', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const named = missed.slice(-mostNamed).map(({ id, startMs, endMs }) => {
    return `${schedule.get(id).title} (${text(startMs)} to ${text(endMs)})`;
  });
  const more = missed.length - named.length;
  const all = more > 0 ? `${named.join(', ')} and ${more} before` : named.join(', ');
  const cause = why ?? 'The machine was off, pi-monitor did not run, or the clock was set.';
  return new Problem('schedule-missed', `Nothing was recorded of ${all}. ${cause}`);
}
