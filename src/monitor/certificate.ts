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
import { withReasons, type CertifiedGap } from './gaps.js';
import type { Note } from './notes.js';
import type { Transfer } from './transfer.js';
import { finalFiles } from './segments.js';

/** `complete`: every captured frame is written and none was lost before. */
export type Verdict = 'complete' | 'gaps' | 'interrupted';

/** The addon's reasons, and the end by the schedule. */
export type EndReason = StopReason | 'schedule';

/** How a recording ended. */
export type Ending = Omit<RecordingSummary, 'reason'> & { reason: EndReason };

export type Metadata = Record<string, string | number | boolean>;

export interface CertifiedFile {
  path: string;
  bytes: number | null;
  frames: number | null;
  firstFrame: number;
  sha256: string | null;
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
  start: { wallUs: number; sensorNs: number | null; by: string };
  stop: { wallUs: number; sensorNs: number; reason: EndReason } | null;
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
  camera: StreamInfo;
  /** What encoded it, last; null until the first frame is through. */
  encoder: EncoderStatus | null;
  /** As configured at the start. */
  settings: Pick<Config, 'camera' | 'encoder'>;
  controls: Record<string, ControlValue>;
  metadata: Metadata;
  versions: Record<string, string | null>;
  notes: Note[];
  files: CertifiedFile[];
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

export function lossCount(losses: Losses): number {
  return losses.sensor + losses.source + losses.encoder + losses.writer;
}

/** The certificate of a recording that has ended, from the one of its start. */
export function finalCertificate(
  opened: Certificate,
  summary: Ending,
  health: Omit<Certificate['health'], 'maxUnsyncedMs'>,
): Certificate {
  const { captured, encoded, written, losses } = summary;
  return {
    ...opened,
    verdict: verdictOf(summary),
    start: { ...opened.start, wallUs: summary.firstWallUs, sensorNs: summary.firstSensorNs },
    stop: { wallUs: summary.lastWallUs, sensorNs: summary.lastSensorNs, reason: summary.reason },
    frames: { expected: captured + losses.sensor + losses.source, captured, encoded, written },
    losses,
    gaps: withReasons(summary.gaps, opened.gaps),
    intervals: summary.intervals,
    health: { ...health, maxUnsyncedMs: summary.maxUnsyncedMs },
    files: finalFiles(opened.files, summary.files),
  };
}
