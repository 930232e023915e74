import type { Losses, LogSurvey, RepairedSegment } from '../native.js';
import {
  noLosses,
  planAfter,
  verdictOf,
  type Certificate,
  type CertifiedFile,
} from './certificate.js';
import { isInterruption, isOpenInterruption, withReasons, type CertifiedGap } from './gaps.js';
import { withoutTransfer } from './transfer.js';

/** What a repair made of one segment; `repaired` is null where it has no whole frame. */
export interface MendedSegment {
  video: string;
  log: string;
  repaired: RepairedSegment | null;
  /** Of files without a whole frame. */
  bytes: { video: number | null; log: number | null };
}

export interface Findings {
  segments: MendedSegment[];
  survey: LogSurvey;
  /** Why it was broken off, if nothing else has ended it. */
  cause: 'crash' | 'power';
  /** UTC in µs. */
  atWallUs: number;
}

/**
 * The certificate after a repair. What the logs say is counted; a recording that had its end before
 * keeps its account of what was captured, and what is not in the files is lost at the writer.
 */
export function repairedCertificate(opened: Certificate, found: Findings): Certificate {
  const { survey, segments } = found;
  const written = segments.reduce((sum, { repaired }) => sum + (repaired?.frames ?? 0), 0);
  const account =
    opened.stop === null ? logsAccount(opened, found, written) : endedAccount(opened, written);
  const stop = opened.stop ?? {
    wallUs: survey.lastWallUs ?? opened.start.wallUs,
    sensorNs: survey.lastSensorNs,
    reason: found.cause,
  };
  const { start } = opened;
  return {
    ...withoutTransfer(opened),
    ...account,
    repaired: true,
    verdict: verdictOf({ reason: stop.reason, losses: account.losses }),
    start:
      start.sensorNs !== null || survey.firstSensorNs === null
        ? start
        : { ...start, sensorNs: survey.firstSensorNs, wallUs: survey.firstWallUs ?? start.wallUs },
    stop,
    clock: opened.clock.map((one) =>
      one.fromSensorNs !== null || survey.firstSensorNs === null
        ? one
        : {
            ...one,
            fromSensorNs: survey.firstSensorNs,
            wallUs: survey.firstWallUs ?? one.wallUs,
          },
    ),
    intervals: survey.frames > 1 ? survey.intervals : opened.intervals,
    files: segments.flatMap((segment) => filesOf(segment, opened.files)),
    plan: planAfter(opened.plan, stop.reason),
    repair: repairOf(opened, found),
  };
}

type Account = Pick<Certificate, 'losses' | 'gaps'> & {
  frames: NonNullable<Certificate['frames']>;
  losses: Losses;
};

/** Nobody had counted: the rows say what was lost before each frame, the certificate what in between. */
function logsAccount(opened: Certificate, found: Findings, written: number): Account {
  const { survey, segments } = found;
  // Behind the last frame there is none: what came after such a gap has not reached the disk, and
  // the next part counts from the last frame that has.
  const away = opened.gaps
    .filter((gap) => isInterruption(gap) && gap.afterFrame < written)
    .map((gap) => (isOpenInterruption(gap) ? measured(gap, segments, opened.camera?.fps) : gap));
  const missed = away.reduce((sum, { frames }) => sum + frames, 0);
  const losses = { ...survey.losses, sensor: survey.losses.sensor + missed };
  const gaps = [...withReasons(survey.gaps, opened.gaps), ...away];
  return accountOf(written, losses, sorted(gaps));
}

/** A gap that nobody got to measure lies between two segments. */
function measured(gap: CertifiedGap, segments: MendedSegment[], fps = 0): CertifiedGap {
  const whole = segments.flatMap(({ repaired }) => (repaired === null ? [] : [repaired]));
  const at = whole.findIndex(({ firstFrame }) => firstFrame === gap.afterFrame);
  const first = whole[at];
  const last = whole[at - 1];
  if (first === undefined) return gap;
  const sensorS = between(last?.lastSensorNs, first.firstSensorNs) / 1e9;
  const wallS = between(last?.lastWallUs, first.firstWallUs) / 1e6;
  // Over a power cut the sensor's clock begins anew.
  const awayS = gap.reason === 'power' || sensorS < 0 ? wallS : sensorS;
  const frames = Math.max(0, Math.round(awayS * fps) - 1);
  return { ...gap, frames, sensorNs: first.firstSensorNs };
}

/** 0 where one of them is not known. */
function between(from: number | null | undefined, to: number | null): number {
  return from == null || to === null ? 0 : to - from;
}

/** It was counted to its end; a power cut may have cost frames behind what the disk had. */
function endedAccount(opened: Certificate, written: number): Account {
  const before = opened.losses ?? noLosses;
  const missing = (opened.frames?.written ?? written) - written;
  const writer = Math.max(0, before.writer + missing);
  const gap: CertifiedGap = {
    afterFrame: written,
    frames: missing,
    stage: 'writer',
    sensorNs: null,
  };
  const gaps = missing > 0 ? [...opened.gaps, gap] : opened.gaps;
  return accountOf(written, { ...before, writer }, gaps);
}

function accountOf(written: number, losses: Losses, gaps: CertifiedGap[]): Account {
  const encoded = written + losses.writer;
  const captured = encoded + losses.encoder;
  const expected = captured + losses.sensor + losses.source;
  return { frames: { expected, captured, encoded, written }, losses, gaps };
}

function sorted(gaps: CertifiedGap[]): CertifiedGap[] {
  return gaps.sort((a, b) => a.afterFrame - b.afterFrame);
}

/** A hash holds for a file that is as it was when it was closed. */
function filesOf({ video, log, repaired, bytes }: MendedSegment, before: CertifiedFile[]) {
  const entry = (path: string, size: number | null): CertifiedFile => {
    const known = before.find((file) => file.path === path);
    const asItWas = repaired?.wasClosed === true && known?.bytes === size;
    return {
      path,
      bytes: size,
      frames: repaired?.frames ?? 0,
      firstFrame: repaired?.firstFrame ?? known?.firstFrame ?? 0,
      sha256: asItWas ? known.sha256 : null,
      closed: repaired !== null,
    };
  };
  const files = [entry(video, repaired?.bytes ?? bytes.video)];
  const logBytes = repaired?.logBytes ?? bytes.log;
  return logBytes === null ? files : [...files, entry(log, logBytes)];
}

function repairOf(
  { repair }: Certificate,
  { segments, atWallUs }: Findings,
): Certificate['repair'] {
  const mended = segments.flatMap(({ repaired }) => (repaired === null ? [] : [repaired]));
  const tails = mended.flatMap(({ video: file, tail, tailBytes: bytes }) =>
    tail === null ? [] : [{ file, tail, bytes }],
  );
  return {
    atWallUs,
    tails: [...(repair?.tails ?? []), ...tails],
    rowsMade: mended.reduce((sum, { rowsMade }) => sum + rowsMade, repair?.rowsMade ?? 0),
    unreadable: segments.filter(({ repaired }) => repaired === null).map(({ video }) => video),
    certificateLost: repair?.certificateLost ?? false,
  };
}
