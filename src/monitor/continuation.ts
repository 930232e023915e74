import type { Losses, RecordingProgress, RecordingStarted } from '../native.js';
import type { Running } from './active-recording.js';
import {
  finalCertificate,
  noLosses,
  verdictOf,
  type Certificate,
  type Ending,
} from './certificate.js';
import type { CertifiedGap, Interruption } from './gaps.js';

/** Why a recording was broken off, by what its certificate says. */
export function interruptionOf({ stop }: Certificate): Interruption {
  return stop?.reason === 'crash' || stop?.reason === 'power' ? stop.reason : 'restart';
}

/**
 * The frames that were missed between the last one and the first one after a restart, by the time
 * between them and the camera's rate: by the sensor's clock or, where the machine has been down, by
 * the wall clock, which may not know how long.
 */
export function missedBetween(
  before: Certificate,
  first: Pick<RecordingStarted, 'firstSensorNs' | 'firstWallUs'>,
  bootId: string | null,
): CertifiedGap {
  const { stop, plan, camera, frames } = before;
  const sameBoot = bootId !== null && before.bootId === bootId;
  const fps = camera?.fps ?? 0;
  let awayS = 0;
  if (stop !== null) {
    awayS =
      sameBoot && stop.sensorNs !== null
        ? (first.firstSensorNs - stop.sensorNs) / 1e9
        : (first.firstWallUs - Math.max(stop.wallUs, plan?.from.wallUs ?? 0)) / 1e6;
  }
  const intervals = Math.round(awayS * fps);
  const betweenFrames = frames !== null && frames.written > 0 ? 1 : 0;
  return {
    afterFrame: frames?.written ?? 0,
    frames: Math.max(0, intervals - betweenFrames),
    stage: 'sensor',
    sensorNs: first.firstSensorNs,
    reason: interruptionOf(before),
  };
}

/** What was recorded before, and the gap behind it, as one account. */
export function withInterruption(before: Certificate, gap: CertifiedGap): Certificate {
  const { expected = 0, captured = 0, encoded = 0, written = 0 } = before.frames ?? {};
  const losses = before.losses ?? noLosses;
  return {
    ...before,
    frames: { expected: expected + gap.frames, captured, encoded, written },
    losses: { ...losses, sensor: losses.sensor + gap.frames },
    gaps: [...before.gaps, gap],
  };
}

/** The addon's account of the part that runs, brought to that of the whole recording. */
export function wholeProgress(
  progress: RecordingProgress,
  { frames, losses, start, files }: Certificate,
): RecordingProgress {
  const earlierBytes = files
    .filter(({ path }) => !path.endsWith('.csv'))
    .reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  return {
    ...progress,
    captured: progress.captured + (frames?.captured ?? 0),
    encoded: progress.encoded + (frames?.encoded ?? 0),
    written: progress.written + (frames?.written ?? 0),
    losses: sum(progress.losses, losses ?? noLosses),
    bytes: progress.bytes + earlierBytes,
    firstSensorNs: start.sensorNs ?? progress.firstSensorNs,
    firstWallUs: start.sensorNs === null ? progress.firstWallUs : start.wallUs,
  };
}

/** The certificate of a recording that has ended, whether it was broken off before or not. */
export function certificateAtEnd(
  { certificate: opened, continues: before }: Running,
  ending: Ending,
  health: Parameters<typeof finalCertificate>[2],
): Certificate {
  if (before === null) return finalCertificate(opened, ending, health);
  const gaps = opened.gaps.slice(before.gaps.length);
  const earlier = opened.files.filter(({ path }) => before.files.some((one) => one.path === path));
  return joined(
    { ...before, files: earlier }, // their hashes may have come since
    finalCertificate({ ...opened, gaps }, ending, health),
  );
}

/**
 * The certificate of a recording that went on: `part` is that of its last part. The median of the
 * intervals is that of the part with more frames, the others are the larger ones.
 */
function joined(before: Certificate, part: Certificate): Certificate {
  const one = before.frames ?? noFrames;
  const two = part.frames ?? noFrames;
  const losses = sum(before.losses ?? noLosses, part.losses ?? noLosses);
  const ending = part.stop?.reason;
  return {
    ...part,
    repaired: before.repaired,
    repair: before.repair,
    start: before.start.sensorNs === null ? part.start : before.start,
    stop:
      two.written === 0 && before.stop !== null && part.stop !== null
        ? { ...before.stop, reason: part.stop.reason }
        : part.stop,
    verdict: ending === undefined ? 'interrupted' : verdictOf({ reason: ending, losses }),
    frames: {
      expected: one.expected + two.expected,
      captured: one.captured + two.captured,
      encoded: one.encoded + two.encoded,
      written: one.written + two.written,
    },
    losses,
    gaps: [
      ...before.gaps,
      ...part.gaps.map((gap) => ({ ...gap, afterFrame: gap.afterFrame + one.written })),
    ],
    intervals:
      two.written > one.written
        ? largest(part.intervals, before.intervals)
        : largest(before.intervals, part.intervals),
    health: worse(before.health, part.health),
    files: [...before.files, ...part.files],
  };
}

const noFrames = { expected: 0, captured: 0, encoded: 0, written: 0 };

function sum(a: Losses, b: Losses): Losses {
  return {
    sensor: a.sensor + b.sensor,
    source: a.source + b.source,
    encoder: a.encoder + b.encoder,
    writer: a.writer + b.writer,
  };
}

type Intervals = Certificate['intervals'];

function largest(longer: Intervals, shorter: Intervals): Intervals {
  if (longer === null || shorter === null) return longer ?? shorter;
  return {
    medianUs: longer.medianUs,
    p99Us: Math.max(longer.p99Us, shorter.p99Us),
    maxUs: Math.max(longer.maxUs, shorter.maxUs),
  };
}

function worse(a: Certificate['health'], b: Certificate['health']): Certificate['health'] {
  return {
    maxTemperatureC: highest(a.maxTemperatureC, b.maxTemperatureC),
    throttled: [...new Set([...a.throttled, ...b.throttled])],
    undervoltage: a.undervoltage === true ? true : b.undervoltage,
    maxUnsyncedMs: highest(a.maxUnsyncedMs, b.maxUnsyncedMs),
  };
}

function highest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
