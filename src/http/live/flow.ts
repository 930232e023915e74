import { LeastOfLate } from './least-of-late.js';

/**
 * How many frames may be on their way to a viewer who acknowledges them, and how large they should
 * be. Pure: time comes in as milliseconds of one monotonic clock.
 *
 * The window is what fills the round trip at the viewer's rate, between 1 and 8. The least round
 * trip tells a long way from a thin one only in part: on a thin link it is the time a frame needs to
 * pass, and more frames on their way make only older pictures. So the window grows by one, for a
 * trial, and keeps it only where the delivered rate (frames on their way ÷ round trip) rose.
 */

const largestWindow = 8;
/** The least round trip is the least of this long; a window that failed is not tried again before. */
const memoryMs = 10_000;
/** A trial may bring the round trip to this at most, on a thin link. */
const boldestMs = 900;
/** A frame that takes longer than this at window 1 is too large for the link … */
const slowMs = 500;
/** … and one this quick leaves room for one about four times its size. */
const quickMs = 110;
const slowAcksUntilSmaller = 2;
/** How long a viewer must be quick before it is given larger frames; doubles each time that fails. */
const largerAfterMs = { first: 5000, longest: 160_000 };
/** No acknowledgement for this long while one is owed: the viewer is gone or broken. */
export const overdueMs = 5000;

/** Frames remembered as sent; more than can be on their way, for acknowledgements out of order. */
const remembered = 32;

export class Flow {
  window = 1;
  /** Sizes below the wanted one, and how many there are. */
  steps = 0;
  mostSteps = 0;

  private readonly sequences = new Uint32Array(remembered);
  private readonly sentAtMs = new Float64Array(remembered);
  private sentCount = 0;
  private ackedCount = 0;

  private readonly least = new LeastOfLate(memoryMs);
  private meanRttMs = 0;
  private trial: { rate: number; fromWindow: number; fromCount: number } | null = null;
  private holdUntilMs = -Infinity;
  private wasFull = false;

  private slowAcks = 0;
  private quickSinceMs: number | null = null;
  private largerAfterMs = largerAfterMs.first;

  /** `intervalMs` is the time between the frames the viewer wants. */
  constructor(private intervalMs: number) {}

  setInterval(intervalMs: number): void {
    this.intervalMs = intervalMs;
  }

  get inFlight(): number {
    return this.sentCount - this.ackedCount;
  }

  /** Whether a frame may be sent now. Asking while the window is full is what makes it grow. */
  canSend(): boolean {
    const free = this.inFlight < this.window;
    if (!free) this.wasFull = true;
    return free;
  }

  sent(sequence: number, nowMs: number): void {
    const slot = this.sentCount % remembered;
    this.sequences[slot] = sequence;
    this.sentAtMs[slot] = nowMs;
    this.sentCount++;
  }

  /** Whether the oldest frame on its way has been so for too long. */
  overdue(nowMs: number): boolean {
    if (this.inFlight === 0) return false;
    return nowMs - (this.sentAtMs[this.ackedCount % remembered] ?? nowMs) > overdueMs;
  }

  /**
   * The viewer has decoded a frame, and so has all that were sent before it. False: it was never
   * sent such a frame.
   */
  acked(sequence: number, nowMs: number): boolean {
    const count = this.countOf(sequence);
    if (count === null) return false;
    if (count < this.ackedCount) return true;
    this.ackedCount = count + 1;
    const rttMs = nowMs - (this.sentAtMs[count % remembered] ?? nowMs);
    this.meanRttMs = this.meanRttMs === 0 ? rttMs : this.meanRttMs * 0.75 + rttMs * 0.25;
    this.least.add(rttMs, nowMs);
    this.adjustWindow(rttMs, count, nowMs);
    this.adjustSize(rttMs, nowMs);
    return true;
  }

  private countOf(sequence: number): number | null {
    const oldest = Math.max(0, this.sentCount - remembered);
    for (let count = this.sentCount - 1; count >= oldest; count--) {
      if (this.sequences[count % remembered] === sequence) return count;
    }
    return null;
  }

  private adjustWindow(rttMs: number, count: number, nowMs: number): void {
    const leastMs = this.least.at(nowMs);
    if (rttMs > leastMs + 2 * this.intervalMs) {
      this.shrink(this.window >> 1, nowMs);
    } else if (this.trial !== null) {
      this.judgeTrial(this.trial, count, nowMs);
    } else if (this.wasFull && nowMs >= this.holdUntilMs && this.mayGrow(leastMs)) {
      const rate = this.window / this.meanRttMs;
      this.trial = { rate, fromWindow: this.window, fromCount: this.sentCount };
      this.window++;
    }
    this.wasFull = false;
  }

  private mayGrow(leastMs: number): boolean {
    const useful = Math.min(largestWindow, Math.ceil(leastMs / this.intervalMs));
    const onThinLinkMs = (this.meanRttMs * (this.window + 1)) / this.window;
    return this.window < useful && onThinLinkMs <= boldestMs;
  }

  /** Decided by the frames sent since, once twice the window of them have come back. */
  private judgeTrial(trial: NonNullable<Flow['trial']>, count: number, nowMs: number): void {
    if (count < trial.fromCount + 2 * this.window) return;
    const gained = this.window / this.meanRttMs / trial.rate - 1;
    this.trial = null;
    if (gained < 0.5 / trial.fromWindow) this.shrink(trial.fromWindow, nowMs);
  }

  private shrink(window: number, nowMs: number): void {
    this.window = Math.max(1, window);
    this.holdUntilMs = nowMs + memoryMs;
    this.trial = null;
  }

  private adjustSize(rttMs: number, nowMs: number): void {
    this.slowAcks = this.window === 1 && rttMs > slowMs ? this.slowAcks + 1 : 0;
    if (rttMs >= quickMs) this.quickSinceMs = null;
    else this.quickSinceMs ??= nowMs;
    if (this.slowAcks >= slowAcksUntilSmaller && this.steps < this.mostSteps) {
      this.changeSize(this.steps + 1);
      this.largerAfterMs = Math.min(this.largerAfterMs * 2, largerAfterMs.longest);
    } else if (
      this.steps > 0 &&
      this.quickSinceMs !== null &&
      nowMs - this.quickSinceMs >= this.largerAfterMs
    ) {
      this.changeSize(this.steps - 1);
    }
  }

  /** What was measured of frames of another size says nothing of this one's. */
  private changeSize(steps: number): void {
    this.steps = steps;
    this.window = 1;
    this.trial = null;
    this.least.clear();
    this.meanRttMs = 0;
    this.slowAcks = 0;
    this.quickSinceMs = null;
  }
}
