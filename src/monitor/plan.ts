import type { Certificate, Instant, Plan } from './certificate.js';

/** When a recording is over: UTC in µs, null for never. */
export function endOf({ from, durationMs }: Plan): number | null {
  return durationMs === null ? null : from.wallUs + durationMs * 1000;
}

/**
 * The plan of a recording that was broken off, by the clocks of now: a machine that was started
 * anew counts sensor time from there, and only the wall clock tells how much has passed.
 */
export function carriedOver(
  { plan, bootId: before }: Certificate,
  now: Instant,
  bootId: string | null,
): Plan {
  if (plan === null) return { from: now, durationMs: 0 };
  if (before !== null && before === bootId) return plan;
  const sensorNs = now.sensorNs + (plan.from.wallUs - now.wallUs) * 1000;
  // A fixed instant was one of the other start's clock: this one's is known by the wall clock alone.
  return { durationMs: plan.durationMs, from: { wallUs: plan.from.wallUs, sensorNs } };
}

/** How much of it is left; Infinity: until stopped. Zero or less: it is over. */
export function remainingMs({ from, durationMs }: Plan, now: Instant): number {
  if (durationMs === null) return Infinity;
  const beginNs = Math.max(from.sensorNs, now.sensorNs);
  return Math.floor((from.sensorNs + durationMs * 1e6 - beginNs) / 1e6);
}
