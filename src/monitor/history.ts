import type { Losses } from '../native.js';

/** How the monitor fared in the seconds before `wallUs`; null is unknown, or nothing to tell. */
export interface HistoryPoint {
  wallUs: number;
  /** Mean time from frame to frame. */
  intervalMs: number | null;
  /** Frames lost, at any stage. */
  lost: number;
  freeBytes: number | null;
  temperatureC: number | null;
}

/** What a point is made of: counts since the camera was started, and figures of now. */
export interface HistoryReading {
  wallUs: number;
  monotonicMs: number;
  frames: { captured: number; losses: Losses } | null;
  freeBytes: number | null;
  temperatureC: number | null;
}

const everyMs = 10_000;
/** An hour. */
const mostPoints = 360;

/** The last hour in points of ten seconds, for the page's plots. */
export class History {
  private readonly kept: HistoryPoint[] = [];
  private last: HistoryReading | null = null;

  get points(): readonly HistoryPoint[] {
    return this.kept;
  }

  /** To be called every second or so. */
  look(reading: HistoryReading): void {
    const { last } = this;
    const elapsedMs = last === null ? 0 : reading.monotonicMs - last.monotonicMs;
    if (last !== null && elapsedMs < everyMs) return;
    this.last = reading;
    if (last === null) return;
    const { wallUs, freeBytes, temperatureC } = reading;
    const frames = since(last.frames?.captured, reading.frames?.captured);
    const lost = since(total(last.frames), total(reading.frames));
    const intervalMs = frames > 0 ? elapsedMs / frames : null;
    this.kept.push({ wallUs, intervalMs, lost, freeBytes, temperatureC });
    if (this.kept.length > mostPoints) this.kept.shift();
  }
}

/** A count that has become smaller began anew, with the camera. */
function since(before = 0, now = 0): number {
  return now >= before ? now - before : now;
}

function total(frames: HistoryReading['frames']): number | undefined {
  return frames === null
    ? undefined
    : Object.values(frames.losses).reduce((sum, stage) => sum + stage, 0);
}
