import type { Config } from '../config/schema.js';
import type { DerivedFile } from '../media/derived.js';
import type {
  ControlValue,
  EncoderStatus,
  Losses,
  RecordingSummary,
  StopReason,
  StreamInfo,
} from '../native.js';
import type { MappingEntry } from '../system/clock-mapping.js';
import { wallUs } from '../system/wall-clock.js';
import { withReasons, type CertifiedGap } from './gaps.js';
import type { Note } from './notes.js';
import type { Transfer } from './transfer.js';
import { finalFiles } from './segments.js';

/** `complete`: every captured frame is written and none was lost before. */
export type Verdict = 'complete' | 'gaps' | 'interrupted';

/**
 * The addon's reasons; the end by the schedule; and two that a repair finds: the program died
 * (`crash`), or the machine was started anew (`power`).
 */
export type EndReason = StopReason | 'schedule' | 'crash' | 'power';

/** How a recording ended. */
export type Ending = Omit<RecordingSummary, 'reason'> & { reason: EndReason };

export type Metadata = Record<string, string | number | boolean>;

/** An instant by both clocks. */
export interface Instant {
  wallUs: number;
  sensorNs: number;
}

/**
 * What was asked for: it stands while the recording should still be running, so that a program that
 * starts anew can go on with it. The duration counts from `from`.
 */
export interface Plan {
  from: Instant;
  /** Null: until stopped. */
  durationMs: number | null;
  /** An armed start that stays at its instant where the clock is set. */
  isFixed?: boolean;
}

/** What repairs have done to the files. */
export interface Repair {
  /** UTC in µs, of the last one. */
  atWallUs: number;
  /** Ends of files that could not be played, kept beside them as files of these names. */
  tails: { file: string; tail: string; bytes: number }[];
  /** Of the logs, made from the video: what was lost before these frames is not known. */
  rowsMade: number;
  /** Videos without a whole frame, left as they were. */
  unreadable: string[];
  /** There was no certificate to be read: this one is made from the logs. */
  certificateLost: boolean;
}

export interface CertifiedFile {
  path: string;
  bytes: number | null;
  frames: number | null;
  firstFrame: number;
  sha256: string | null;
  /** False while it is written, and where it was not finished: it needs a repair then. */
  closed: boolean;
}

/**
 * What a recording is and how good it is; stands beside the video as `<name>.json`. Null is not
 * known. While `stop` is null the recording runs, or its process died: it is read as interrupted.
 */
export interface Certificate {
  version: 1;
  name: string;
  verdict: Verdict;
  repaired: boolean;
  /** `at`: the instant for which it was asked, where it was armed. */
  start: { wallUs: number; sensorNs: number | null; by: string; at: Instant | null };
  stop: { wallUs: number; sensorNs: number | null; reason: EndReason } | null;
  frames: { expected: number; captured: number; encoded: number; written: number } | null;
  losses: Losses | null;
  gaps: CertifiedGap[];
  intervals: { medianUs: number; p99Us: number; maxUs: number } | null;
  /** How wall time follows from sensor time, each entry from its instant on. */
  clock: MappingEntry[];
  health: {
    maxTemperatureC: number | null;
    throttled: string[];
    undervoltage: boolean | null;
    maxUnsyncedMs: number | null;
  };
  /** Null where a repair had to make the certificate. */
  camera: StreamInfo | null;
  /** What encoded it, last; null until the first frame is through. */
  encoder: EncoderStatus | null;
  /** As configured at the start; null as above. */
  settings: Pick<Config, 'camera' | 'encoder'> | null;
  controls: Record<string, ControlValue>;
  metadata: Metadata;
  versions: Record<string, string | null>;
  notes: Note[];
  files: CertifiedFile[];
  /** Of the machine's start in which it was recorded last. */
  bootId: string | null;
  plan: Plan | null;
  repair: Repair | null;
  /** What was made from it since, beside it; absent where nothing was. */
  derived?: DerivedFile[];
  /** Only where it was copied, and the copy compared. */
  transferred?: Transfer;
}

/** Ends a person, a duration, the schedule or a shutdown asked for; all others cut a recording short. */
const askedFor: readonly EndReason[] = ['requested', 'duration', 'schedule', 'shutdown'];

export function verdictOf({ reason, losses }: Pick<Ending, 'reason' | 'losses'>): Verdict {
  if (!askedFor.includes(reason)) return 'interrupted';
  return lossCount(losses) === 0 ? 'complete' : 'gaps';
}

export const noLosses: Losses = { sensor: 0, source: 0, encoder: 0, writer: 0 };

export function lossCount(losses: Losses): number {
  return losses.sensor + losses.source + losses.encoder + losses.writer;
}

/** Ends after which a program that starts anew goes on: nobody wanted them. */
const goesOn: readonly EndReason[] = ['shutdown', 'camera-lost', 'crash', 'power'];

/** What is left of the plan when a recording ends. */
export function planAfter(plan: Plan | null, reason: EndReason): Plan | null {
  return goesOn.includes(reason) ? plan : null;
}

/** The certificate of a recording that has ended, from the one of its start. */
export function finalCertificate(
  opened: Certificate,
  summary: Ending,
  health: Omit<Certificate['health'], 'maxUnsyncedMs'>,
): Certificate {
  const { captured, encoded, written, losses, reason } = summary;
  const { start } = opened;
  const none = written === 0;
  return {
    ...opened,
    verdict: verdictOf(summary),
    start: none
      ? start
      : { ...start, wallUs: summary.firstWallUs, sensorNs: summary.firstSensorNs },
    stop: none
      ? { wallUs: wallUs(), sensorNs: null, reason }
      : { wallUs: summary.lastWallUs, sensorNs: summary.lastSensorNs, reason },
    frames: { expected: captured + losses.sensor + losses.source, captured, encoded, written },
    losses,
    gaps: withReasons(summary.gaps, opened.gaps),
    intervals: summary.intervals,
    health: { ...health, maxUnsyncedMs: summary.maxUnsyncedMs },
    files: finalFiles(opened.files, summary.files),
    plan: planAfter(opened.plan, reason),
  };
}
