import type { RecordingStarted } from '../native.js';
import type { Certificate, Instant } from './certificate.js';
import { mappingsFrom } from './opening-certificate.js';

/** Nearer to where it is than this an armed start stays: reading two clocks takes a moment. */
const leastMoveNs = 1e6;
/** One can wait so long for a recording's instant. */
export const longestLeadUs = 7 * 86_400e6;

/** What is known once the first frame is there; that of a recording which goes on is known already. */
export function withStart(
  opened: Certificate,
  { firstWallUs: wallUs, firstSensorNs: sensorNs }: RecordingStarted,
  goesOn: boolean,
): Certificate {
  const { start, plan, clock } = opened;
  const counts = plan !== null && !goesOn && sensorNs > plan.from.sensorNs;
  return {
    ...opened,
    start: start.sensorNs === null ? { ...start, wallUs, sensorNs } : start,
    // A pre-roll comes before what the duration counts.
    plan: counts ? { ...plan, from: { wallUs, sensorNs } } : plan,
    clock: mappingsFrom(clock, { wallUs, sensorNs }),
  };
}

/**
 * An armed recording begins at an instant of the wall clock: where that lies on the sensor's clock as
 * both stand now, and the certificate with it. Null where nothing has changed, or it is not armed, or
 * its instant is kept: it was asked for so, or would lie so far ahead that only a wrong clock can have
 * named it, and too early is better than never.
 */
export function movedStart(
  certificate: Certificate,
  now: Instant,
): { certificate: Certificate; startAtNs: number } | null {
  const { start, plan } = certificate;
  if (start.at === null || plan === null || plan.isFixed === true) return null;
  if (start.at.wallUs - now.wallUs > longestLeadUs) return null;
  const sensorNs = Math.round(now.sensorNs + (start.at.wallUs - now.wallUs) * 1000);
  if (Math.abs(sensorNs - plan.from.sensorNs) < leastMoveNs) return null;
  const at = { ...start.at, sensorNs };
  return {
    certificate: {
      ...certificate,
      start: { ...start, at },
      plan: { ...plan, from: at },
    },
    startAtNs: sensorNs,
  };
}
