/** Lets pass so many a second, and a few more at once where there were none before. */
export class Allowance {
  private left: number;
  private lastMs = -Infinity;

  constructor(
    private readonly perSecond: number,
    private readonly atOnce: number,
  ) {
    this.left = atOnce;
  }

  /** Whether one more may pass now. */
  take(nowMs: number): boolean {
    const since = Math.max(0, nowMs - this.lastMs) / 1000;
    this.left = Math.min(this.atOnce, this.left + since * this.perSecond);
    this.lastMs = nowMs;
    if (this.left < 1) return false;
    this.left--;
    return true;
  }
}
