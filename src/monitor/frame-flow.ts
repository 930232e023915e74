import { patienceMs } from './supervision.js';

/** Tells whether the camera delivers, from its count of frames looked at now and then. */
export class FrameFlow {
  private captured = -1;
  private advancedAtMs = 0;

  /** `captured` is null where no camera runs. */
  look(captured: number | null, nowMs: number): void {
    if (captured === null) {
      this.captured = -1;
    } else if (captured !== this.captured) {
      this.captured = captured;
      this.advancedAtMs = nowMs;
    }
  }

  flowing(fps: number, nowMs: number): boolean {
    if (this.captured < 0) return false;
    return nowMs - this.advancedAtMs < patienceMs(fps);
  }
}
