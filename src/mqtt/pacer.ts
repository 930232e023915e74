const leastMs = 1000;
const everyMs = 2000;

/** When a state is told: at once where that matters, else once a second at most, and every two at least. */
export class Pacer {
  private timer: NodeJS.Timeout | null = null;
  private lastMs = -Infinity;
  private dueMs = Infinity;
  private running = false;

  constructor(private readonly tell: () => void) {}

  start(): void {
    this.running = true;
    this.now();
  }

  stop(): void {
    this.running = false;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  now(): void {
    if (!this.running) return;
    this.lastMs = performance.now();
    this.tell();
    this.setDue(this.lastMs + everyMs);
  }

  soon(): void {
    const dueMs = this.lastMs + leastMs;
    if (this.running && dueMs < this.dueMs) this.setDue(dueMs);
  }

  private setDue(dueMs: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.dueMs = dueMs;
    this.timer = setTimeout(() => this.now(), Math.max(0, dueMs - performance.now()));
  }
}
