import type { Gap } from '../native.js';

/** Why the camera was away for a while. */
export type CameraGapReason = 'camera-restarted' | 'camera-reopened';

/** Why the program was away for a while: it died, the machine went down, or it was started anew. */
export type Interruption = 'crash' | 'power' | 'restart';

export type GapReason = CameraGapReason | Interruption;

/** `reason` stands where more is known than the stage. */
export interface CertifiedGap extends Gap {
  reason?: GapReason;
}

const interruptions: readonly (GapReason | undefined)[] = ['crash', 'power', 'restart'];

/** Gaps while no program ran are in no frame log: the certificate alone knows of them. */
export function isInterruption({ reason }: CertifiedGap): boolean {
  return interruptions.includes(reason);
}

/** One behind which no frame had come when it was put on record: its length is still unknown. */
export function isOpenInterruption(gap: CertifiedGap): boolean {
  return isInterruption(gap) && gap.sensorNs === null;
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
  for (const one of noted) {
    const { sensorNs, reason } = one;
    if (reason === undefined || sensorNs === null || isInterruption(one)) continue;
    const gap = gaps.find(
      ({ stage, sensorNs: endNs }) => stage === 'sensor' && (endNs ?? Infinity) >= sensorNs,
    );
    if (gap !== undefined) gap.reason = reason;
  }
  return gaps;
}
