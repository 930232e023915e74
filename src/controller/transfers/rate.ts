import { setTimeout as delay } from 'node:timers/promises';

/** Shares so many bytes a second among all who take them; 0: there is no limit. */
export class Rate {
  private freeAtMs = 0;

  constructor(private readonly bytesPerSecond: number) {}

  /** Resolves when these bytes are within the limit; those that came before count first. */
  async take(bytes: number): Promise<void> {
    if (this.bytesPerSecond === 0) return;
    const nowMs = performance.now();
    const waitMs = this.freeAtMs - nowMs;
    this.freeAtMs = Math.max(this.freeAtMs, nowMs) + (bytes / this.bytesPerSecond) * 1000;
    if (waitMs > 0) await delay(waitMs);
  }
}
