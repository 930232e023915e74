import type { Config } from '../config/schema.js';
import type { ProblemJson } from '../errors.js';
import type { BrokerState } from '../mqtt/monitor-on-broker.js';
import type {
  EncoderNode,
  EncoderStatus,
  Losses,
  Measured,
  NativeStatus,
  NativeVersions,
} from '../native.js';
import type { Health } from '../system/health.js';
import type { ClockState } from '../system/wall-clock.js';
import { piMonitorVersion } from '../system/version.js';
import type { Running } from './active-recording.js';
import { noLosses } from './certificate.js';
import { wholeProgress } from './continuation.js';
import { endOf } from './plan.js';

export type MonitorState =
  'starting' | 'idle' | 'armed' | 'recording' | 'stopping' | 'camera-lost' | 'failed';

export interface LiveViewCounts {
  viewers: number;
  /** Frames that viewers were not sent because newer ones were there. */
  skipped: number;
}

export interface StatusParts {
  id: string;
  host: string;
  state: MonitorState;
  problem: ProblemJson | null;
  settings: Config;
  /** As found when the program started. */
  hardware: EncoderNode | null;
  native: NativeStatus | null;
  running: Running | null;
  live: LiveViewCounts;
  /** Of live H.264. */
  video: LiveViewCounts;
  streaming: boolean;
  hoursLeft: number | null;
  reserveBytes: number | null;
  health: Health;
  clock: ClockState;
  mqtt: BrokerState | null;
  versions: NativeVersions & { ffmpeg: string | null };
  lastEventId: number;
}

/** What GET /status answers. `endsAt` is UTC in µs; null is none or unknown. */
export interface Status {
  id: string;
  host: string;
  state: MonitorState;
  /** Why the camera does not run. */
  problem: ProblemJson | null;
  camera: { id: string; model: string; width: number; height: number; fps: number } | null;
  /** What the camera says of its newest frame; null before the first. */
  measured: Measured | null;
  encoder: EncoderStatus & {
    requested: string;
    /** The hardware encoder that was found, its node; null where there is none. */
    hardware: string | null;
  };
  recording: RecordingStatus | null;
  frames: { captured: number; written: number };
  losses: Losses;
  /** Of all viewers; `encoded` counts JPEGs. */
  preview: {
    viewers: number;
    skipped: number;
    encoded: number;
    /** Live H.264 alone; `frames`, and `smallFrames` of the small class, were offered to its viewers. */
    video: { viewers: number; skipped: number; frames: number; smallFrames: number };
  };
  /** False: an operator has switched the live view off for everybody. */
  streaming: boolean;
  disk: {
    path: string;
    freeBytes: number | null;
    /** Kept free: a recording stops before it is touched. */
    reserveBytes: number | null;
    /** Until then, at the rate last measured. */
    hoursLeft: number | null;
    /** How long ago the disk was asked: this grows where it does not answer. */
    ageMs: number | null;
    unsyncedMs: number | null;
  };
  health: Health;
  clock: ClockState;
  /** Null: no broker is configured. */
  mqtt: BrokerState | null;
  versions: Record<string, string | null>;
  /** For `/events?since=`: nothing that happens after this answer is missed. */
  lastEventId: number;
}

/** The recording that runs or is armed. Instants are UTC in µs, null is not known yet. */
export interface RecordingStatus {
  name: string;
  startedWallUs: number | null;
  /** The instant for which it was armed; null: it was to begin at once. */
  startAtWallUs: number | null;
  firstSensorNs: number | null;
  /** Of the newest frame written: by the sensor's clock the recording is this long. */
  lastSensorNs: number | null;
  frames: number;
  bytes: number;
  segment: number;
  endsAt: number | null;
}

const noEncoder: EncoderStatus = {
  active: null,
  device: null,
  reason: null,
  note: null,
  bytesCopied: 0,
};

/** Puts a status together from what is in memory; asks nobody. */
export function assembleStatus(parts: StatusParts): Status {
  const { native, settings } = parts;
  return {
    id: parts.id,
    host: parts.host,
    state: parts.state,
    problem: parts.problem,
    camera: cameraOf(native),
    measured: native?.measured ?? null,
    encoder: {
      requested: settings.encoder.kind,
      hardware: parts.hardware?.path ?? null,
      ...(native?.encoder ?? noEncoder),
    },
    recording: recordingOf(parts.running, native),
    frames: native?.frames ?? { captured: 0, written: 0 },
    losses: native?.losses ?? noLosses,
    preview: previewOf(parts),
    streaming: parts.streaming,
    disk: diskOf(parts),
    health: parts.health,
    clock: parts.clock,
    mqtt: parts.mqtt,
    versions: { piMonitor: piMonitorVersion, ...parts.versions, node: process.versions.node },
    lastEventId: parts.lastEventId,
  };
}

function cameraOf(native: NativeStatus | null): Status['camera'] {
  if (native?.camera == null) return null;
  const { id, model, width, height, fps } = native.camera;
  return { id, model, width, height, fps };
}

function recordingOf(running: Running | null, native: NativeStatus | null): RecordingStatus | null {
  if (running === null || (running.started === null && !running.armed)) return null;
  const { name, started, continues, certificate } = running;
  const { start, plan } = certificate;
  const part = native?.recording ?? null;
  const progress = part === null || continues === null ? part : wholeProgress(part, continues);
  return {
    name,
    startedWallUs: started === null ? null : start.wallUs,
    startAtWallUs: start.at?.wallUs ?? null,
    firstSensorNs: started === null ? null : start.sensorNs,
    lastSensorNs: started === null ? null : (progress?.lastSensorNs ?? started.firstSensorNs),
    frames: progress?.written ?? 0,
    bytes: progress?.bytes ?? 0,
    segment: progress?.segment ?? 0,
    endsAt: plan === null ? null : endOf(plan),
  };
}

function previewOf({ native, live, video }: StatusParts): Status['preview'] {
  const { live: made } = native ?? {};
  const videoSkipped = video.skipped + (made?.dropped ?? 0) + (made?.smallSkipped ?? 0);
  return {
    viewers: live.viewers + video.viewers,
    skipped: live.skipped + (native?.preview.skipped ?? 0) + videoSkipped,
    encoded: native?.preview.encoded ?? 0,
    video: {
      viewers: video.viewers,
      skipped: videoSkipped,
      frames: made?.frames ?? 0,
      smallFrames: made?.smallFrames ?? 0,
    },
  };
}

function diskOf({ native, hoursLeft, reserveBytes }: StatusParts): Status['disk'] {
  const disk = native?.disk?.present === true ? native.disk : null;
  return {
    path: 'recordings',
    freeBytes: disk?.freeBytes ?? null,
    reserveBytes,
    hoursLeft,
    ageMs: native?.disk?.ageMs ?? null,
    unsyncedMs: native?.recording?.unsyncedMs ?? null,
  };
}
