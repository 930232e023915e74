import type { VideoClass } from '../../native.js';

/**
 * In which size live video goes to a viewer. Pure: time comes in as milliseconds of one monotonic
 * clock.
 *
 * It begins with the small one, which comes soonest and which any link carries, and has the full one
 * tried at once; where the link would not carry its keyframe, again after a while that doubles.
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
const calmUntilFullMs = { begin: 500, afterTrouble: 10_000, longest: 320_000 };
/** A trial that has gone well for this long was none in vain. */
const provenMs = 60_000;

export class ClassChoice {
  wanted: VideoClass = 'small';
  /** Not even the smallest gets through. */
  hopeless = false;

  private troubleSinceMs: number | null = null;
  private leftOutAtMs = -Infinity;
  private movedAtMs = -Infinity;
  private calmUntilFullMs = calmUntilFullMs.begin;

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
      if (troubleMs >= troubleUntilSmallMs) this.moveDown(nowMs, calmUntilFullMs.afterTrouble);
    } else {
      this.hopeless = troubleMs >= troubleUntilHopelessMs;
      const calmSinceMs = Math.max(this.leftOutAtMs, this.movedAtMs);
      if (nowMs - calmSinceMs >= this.calmUntilFullMs) this.move('full', nowMs);
    }
  }

  /** The link does not carry the next keyframe of the full class. */
  refuseFull(nowMs: number): void {
    this.moveDown(nowMs, 0);
  }

  private moveDown(nowMs: number, leastCalmMs: number): void {
    const { afterTrouble, longest } = calmUntilFullMs;
    const wasTrial = nowMs - this.movedAtMs < provenMs;
    const calmMs = wasTrial ? 2 * this.calmUntilFullMs : afterTrouble;
    this.calmUntilFullMs = Math.min(Math.max(calmMs, leastCalmMs), longest);
    this.move('small', nowMs);
  }

  private move(videoClass: VideoClass, nowMs: number): void {
    this.wanted = videoClass;
    this.movedAtMs = nowMs;
    this.troubleSinceMs = null;
  }
}
