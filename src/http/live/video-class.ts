import type { VideoClass } from '../../native.js';

/**
 * In which size live video goes to a viewer. Pure: time comes in as milliseconds of one monotonic
 * clock.
 *
 * Frames that cannot be sent are trouble while others are sent soon again: a link too thin for the
 * class has some in every second, a stall all at once. After trouble for some seconds the viewer
 * moves down; after a calm while it moves up, for a trial. Each trial that fails doubles the wait
 * for the next.
 */

/** No frame left out for this long: the trouble is over. */
const calmMs = 1500;
const troubleUntilSmallMs = 4000;
/** The smallest is too much as well. */
const troubleUntilHopelessMs = 10_000;
const calmUntilFullMs = { first: 10_000, longest: 320_000 };
/** A trial that has gone well for this long was none in vain. */
const provenMs = 60_000;

export class ClassChoice {
  wanted: VideoClass = 'full';
  /** Not even the smallest gets through. */
  hopeless = false;

  private troubleSinceMs: number | null = null;
  private leftOutAtMs = -Infinity;
  private movedAtMs = -Infinity;
  private calmUntilFullMs = calmUntilFullMs.first;

  /** A frame of the wanted class was there: false where one had to be left out, up to a keyframe. */
  note(sent: boolean, nowMs: number): void {
    if (!sent) {
      this.troubleSinceMs ??= nowMs;
      this.leftOutAtMs = nowMs;
    } else if (nowMs - this.leftOutAtMs > calmMs) {
      this.troubleSinceMs = null;
    }
    const troubleMs = this.troubleSinceMs === null ? 0 : nowMs - this.troubleSinceMs;
    if (this.wanted === 'full') {
      if (troubleMs >= troubleUntilSmallMs) this.moveDown(nowMs);
    } else {
      this.hopeless = troubleMs >= troubleUntilHopelessMs;
      const calmSinceMs = Math.max(this.leftOutAtMs, this.movedAtMs);
      if (nowMs - calmSinceMs >= this.calmUntilFullMs) this.move('full', nowMs);
    }
  }

  private moveDown(nowMs: number): void {
    const wasTrial = nowMs - this.movedAtMs < provenMs;
    const { first, longest } = calmUntilFullMs;
    this.calmUntilFullMs = wasTrial ? Math.min(2 * this.calmUntilFullMs, longest) : first;
    this.move('small', nowMs);
  }

  private move(videoClass: VideoClass, nowMs: number): void {
    this.wanted = videoClass;
    this.movedAtMs = nowMs;
    this.troubleSinceMs = null;
  }
}
