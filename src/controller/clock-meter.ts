/** How far a monitor's wall clock is ahead of this machine's, and by how much that may be wrong. */
export interface ClockReading {
  offsetUs: number;
  uncertaintyUs: number;
}

interface Sample extends ClockReading {
  atMs: number;
}

/** The four times of one round trip: two of this machine's wall clock, two of the monitor's; µs. */
export interface RoundTrip {
  sentUs: number;
  receivedThereUs: number;
  sentThereUs: number;
  receivedUs: number;
}

/** Two crystals at worst, each 50 parts in a million: so much an old sample has become less sure. */
const driftRate = 100e-6;
const kept = 16;

/**
 * A monitor's clock offset from round trips. Each bounds it: the offset lies within half of the time
 * on the way of what it would be if both ways took equally long. The sample with the least of that,
 * counted with what may have drifted since, is believed.
 */
export class ClockMeter {
  private samples: Sample[] = [];

  /** `nowMs` is of a monotonic clock. */
  take({ sentUs, receivedThereUs, sentThereUs, receivedUs }: RoundTrip, nowMs: number): void {
    const offsetUs = (receivedThereUs - sentUs + (sentThereUs - receivedUs)) / 2;
    const uncertaintyUs = (receivedUs - sentUs - (sentThereUs - receivedThereUs)) / 2;
    if (uncertaintyUs < 0) return; // a clock was set on the way
    const sample = { offsetUs, uncertaintyUs, atMs: nowMs };
    const known = this.best(nowMs);
    // Two bounds that exclude each other: one of the clocks was set in between.
    if (known !== null && Math.abs(known.offsetUs - offsetUs) > known.uncertaintyUs + uncertaintyUs)
      this.samples = [];
    this.samples.push(sample);
    if (this.samples.length > kept) this.samples.shift();
  }

  /** Null before the first sample. */
  best(nowMs: number): ClockReading | null {
    let best: ClockReading | null = null;
    for (const { offsetUs, uncertaintyUs, atMs } of this.samples) {
      const now = uncertaintyUs + (nowMs - atMs) * 1000 * driftRate;
      if (best === null || now < best.uncertaintyUs) best = { offsetUs, uncertaintyUs: now };
    }
    return best;
  }

  get count(): number {
    return this.samples.length;
  }

  forget(): void {
    this.samples = [];
  }
}
