/** Counts values by buckets, as Prometheus wants them: each bucket has all that are not above it. */
export class Histogram {
  count = 0;
  sum = 0;
  private readonly counts: number[];

  /** `bounds` ascend. */
  constructor(readonly bounds: readonly number[]) {
    this.counts = bounds.map(() => 0);
  }

  add(value: number): void {
    this.count++;
    this.sum += value;
    for (let i = this.bounds.length - 1; i >= 0 && value <= (this.bounds[i] ?? 0); i--) {
      this.counts[i] = (this.counts[i] ?? 0) + 1;
    }
  }

  buckets(): { bound: number; count: number }[] {
    return this.bounds.map((bound, i) => ({ bound, count: this.counts[i] ?? 0 }));
  }
}
