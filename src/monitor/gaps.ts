import type { Gap } from '../native.js';

/** Why the camera was away for a while. */
export type GapReason = 'camera-restarted' | 'camera-reopened';

/** `reason` stands where more is known than the stage. */
export interface CertifiedGap extends Gap {
  reason?: GapReason;
}

/**
 * The gaps that the addon counted, with the reasons noted while the recording ran: each belongs to
 * the first gap at the sensor that ends with its frame or, where the encoder lost that one, later.
 */
export function withReasons(
  counted: readonly Gap[],
  noted: readonly CertifiedGap[],
): CertifiedGap[] {
  const gaps: CertifiedGap[] = counted.map((gap) => ({ ...gap }));
  for (const { sensorNs, reason } of noted) {
    if (reason === undefined || sensorNs === null) continue;
    const gap = gaps.find(
      (one) => one.stage === 'sensor' && (one.sensorNs ?? Infinity) >= sensorNs,
    );
    if (gap !== undefined) gap.reason = reason;
  }
  return gaps;
}
