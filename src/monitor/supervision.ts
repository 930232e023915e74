export type Remedy = 'restart' | 'reopen' | 'give-up';

/** What is tried, one after the other, while no frame comes. */
const remedies: readonly Remedy[] = ['restart', 'reopen', 'give-up'];

/** A camera that has delivered for this long since the last remedy is well again. */
const wellAfterMs = 60_000;

/** How long no frame may come: two seconds, or five frame times where those are longer. */
export function patienceMs(fps: number): number {
  return Math.max(2000, 5000 / fps);
}

/** Finds that a camera has gone silent, and says what to do about it. */
export class Supervision {
  private captured = -1;
  private frameAtMs = 0;
  private remedyAtMs = 0;
  private tried = 0;

  /**
   * To be told now and then how many frames have come; null where no camera is meant to run. Returns
   * the remedy that is due. After one the camera is given the same patience again.
   */
  look(captured: number | null, fps: number, nowMs: number): Remedy | null {
    if (captured === null) {
      this.captured = -1;
      this.tried = 0;
      return null;
    }
    if (captured !== this.captured) {
      this.captured = captured;
      this.frameAtMs = nowMs;
      if (nowMs - this.remedyAtMs > wellAfterMs) this.tried = 0;
      return null;
    }
    if (nowMs - Math.max(this.frameAtMs, this.remedyAtMs) < patienceMs(fps)) return null;
    this.remedyAtMs = nowMs;
    return remedies[this.tried++] ?? null;
  }

  /** The camera says itself that it has failed, so that starting it again would not do. */
  failed(nowMs: number): Remedy | null {
    this.remedyAtMs = nowMs;
    this.tried = Math.max(this.tried, remedies.indexOf('reopen'));
    return remedies[this.tried++] ?? null;
  }

  /** A remedy may itself take long: patience counts from its end. */
  remedied(nowMs: number): void {
    this.remedyAtMs = nowMs;
  }
}
