/** The least of the values added during the last `spanMs`, to a tenth of it. */
export class LeastOfLate {
  private readonly buckets = new Float64Array(10).fill(Infinity);
  private newest = 0;

  constructor(private readonly spanMs: number) {}

  add(value: number, nowMs: number): void {
    this.forget(nowMs);
    const index = this.newest % this.buckets.length;
    this.buckets[index] = Math.min(this.buckets[index] ?? Infinity, value);
  }

  at(nowMs: number): number {
    this.forget(nowMs);
    return Math.min(...this.buckets);
  }

  clear(): void {
    this.buckets.fill(Infinity);
  }

  private forget(nowMs: number): void {
    const now = Math.floor((nowMs * this.buckets.length) / this.spanMs);
    const passed = Math.min(now - this.newest, this.buckets.length);
    for (let i = 1; i <= passed; i++)
      this.buckets[(now - passed + i) % this.buckets.length] = Infinity;
    this.newest = Math.max(this.newest, now);
  }
}
