import { call } from './api';

/** What `performance.now()` of this page lacks to the camera's clock, as far as it is known. */
export interface ClockOffset {
  /** The camera's CLOCK_MONOTONIC in ms = performance.now() + this. */
  offsetMs: number;
  /** At most so far off: half of the round trip. */
  uncertaintyMs: number;
}

const roundTrips = 12;

/** Asks several times; the quickest round trip tells best. */
export async function measureServerClock(): Promise<ClockOffset> {
  let best: ClockOffset | null = null;
  for (let i = 0; i < roundTrips; i++) {
    const sent = performance.now();
    const { monotonicNs } = await call<{ monotonicNs: number }>('GET', '/clock');
    const uncertaintyMs = (performance.now() - sent) / 2;
    if (best !== null && best.uncertaintyMs <= uncertaintyMs) continue;
    best = { offsetMs: monotonicNs / 1e6 - sent - uncertaintyMs, uncertaintyMs };
  }
  return best ?? { offsetMs: NaN, uncertaintyMs: Infinity };
}
