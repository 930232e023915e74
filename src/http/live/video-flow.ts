import { LeastOfLate } from './least-of-late.js';

/**
 * How much live video may be on its way to a viewer who acknowledges its frames. Pure: time comes in
 * as milliseconds of one monotonic clock.
 *
 * Frames build on each other, so that one that is left out costs all up to the next keyframe: unlike
 * with pictures, a short delay is ridden out. On its way may be what the link has shown to deliver
 * in its least round trip (`longestRttMs` of it at most) and `patienceMs` more, and nothing for
 * longer than that and `stalledMs`.
 *
 * With nothing on its way any frame may go, and a keyframe in full size may take a thin link a second:
 * `mostBytes` tells beforehand. No frame passes quicker than its bytes take the link, so that the least
 * time a byte is never too good; on a long way it is much too bad, and there, once the least round trip
 * is known well, only what keyframes take beyond it counts.
 */

const memoryMs = 10_000;
const patienceMs = 300;
const stalledMs = 500;
/**
 * On a thin link a large frame's round trip is mostly its own way through: more than this is not
 * taken for distance, or each large frame would make room for older ones.
 */
const longestRttMs = 500;
/** Before the first acknowledgement tells anything of the link. */
const mostUnknown = 4;
/** However fast the link is. */
const mostFrames = 64;
/** On its way for longer than this, with the picture's way to here and jitter, it would be a second old. */
const carriedWithinMs = 600;
/** Of which so much at least is the frame's own, however long the way is: or none ever got through. */
const leastPassageMs = 200;
/** So long after the first acknowledgement the least round trip is known well. */
const knownWellMs = 5000;
/** No acknowledgement for this long while one is owed: the viewer is gone or broken. */
export const overdueMs = 5000;

interface SentFrame {
  sequence: number;
  key: boolean;
  bytes: number;
  atMs: number;
  /** Bytes acknowledged by then. */
  deliveredBefore: number;
}

export class VideoFlow {
  private readonly onWay: SentFrame[] = [];
  private bytesOnWay = 0;
  private delivered = 0;
  private lastAcked: number | null = null;
  private readonly leastRttMs = new LeastOfLate(memoryMs);
  /** In ms a byte; the least is that of a link that is busy. */
  private readonly slowness = new LeastOfLate(memoryMs);
  /** In ms a byte, of a frame by itself. */
  private readonly passage = new LeastOfLate(memoryMs);
  private knownSinceMs: number | null = null;

  /** Whether anything was acknowledged yet. */
  get known(): boolean {
    return this.knownSinceMs !== null;
  }

  /** Of the largest frame that, alone on its way, gets through in good time; 0 until known. */
  mostBytes(nowMs: number): number {
    if (!this.known) return 0;
    const withinMs = Math.max(leastPassageMs, carriedWithinMs - this.leastRttMs.at(nowMs));
    return withinMs / this.passage.at(nowMs);
  }

  /** Whether a frame of so many bytes may be sent now. */
  canSend(bytes: number, nowMs: number): boolean {
    if (this.onWay.length === 0) return true;
    if (this.onWay.length >= mostFrames) return false;
    if (this.stalls(nowMs)) {
      this.slowness.clear(); // the link is no more what it was
      return false;
    }
    const slowness = this.slowness.at(nowMs);
    if (!Number.isFinite(slowness)) return this.onWay.length < mostUnknown;
    return (this.bytesOnWay + bytes) * slowness <= this.rttMs(nowMs) + patienceMs;
  }

  /** Whether the oldest frame on its way has been so for longer than the link explains; not until it is known. */
  stalls(nowMs: number): boolean {
    const oldest = this.onWay[0];
    if (oldest === undefined || !Number.isFinite(this.leastRttMs.at(nowMs))) return false;
    return nowMs - oldest.atMs > this.rttMs(nowMs) + stalledMs;
  }

  sent(frame: { sequence: number; key: boolean; bytes: number }, nowMs: number): void {
    this.onWay.push({ ...frame, atMs: nowMs, deliveredBefore: this.delivered });
    this.bytesOnWay += frame.bytes;
  }

  /** Whether the oldest frame on its way has been so for too long. */
  overdue(nowMs: number): boolean {
    const oldest = this.onWay[0];
    return oldest !== undefined && nowMs - oldest.atMs > overdueMs;
  }

  /**
   * The viewer has decoded a frame, and so has all that were sent before it. False: no such frame is
   * on its way to it.
   */
  acked(sequence: number, nowMs: number): boolean {
    if (sequence === this.lastAcked) return true;
    const index = this.onWay.findIndex((frame) => frame.sequence === sequence);
    if (index < 0) return false;
    const frames = this.onWay.splice(0, index + 1);
    for (const { bytes } of frames) {
      this.bytesOnWay -= bytes;
      this.delivered += bytes;
    }
    this.lastAcked = sequence;
    const newest = frames[index];
    if (newest === undefined) return true;
    const rttMs = Math.max(nowMs - newest.atMs, 0.1);
    this.leastRttMs.add(rttMs, nowMs);
    this.slowness.add(rttMs / (this.delivered - newest.deliveredBefore), nowMs);
    this.notePassage(newest, rttMs, nowMs);
    return true;
  }

  private rttMs(nowMs: number): number {
    return Math.min(this.leastRttMs.at(nowMs), longestRttMs);
  }

  private notePassage({ key, bytes }: SentFrame, rttMs: number, nowMs: number): void {
    this.knownSinceMs ??= nowMs;
    this.passage.add(rttMs / bytes, nowMs);
    if (!key || nowMs - this.knownSinceMs < knownWellMs) return;
    this.passage.add(Math.max(rttMs - this.leastRttMs.at(nowMs), 1) / bytes, nowMs);
  }
}
