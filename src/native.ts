import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Times named `…Ns` are CLOCK_MONOTONIC in nanoseconds; `…WallUs` are UTC in microseconds since 1970. */

export interface NativeVersions {
  /** Of the library that is loaded, or null where the addon has none. */
  libcamera: string | null;
  libavcodec: string;
  libavformat: string;
}

export interface LibcameraBuild {
  available: boolean;
  version: string | null;
  /** Why it is not available. */
  reason: string | null;
}

export interface CameraInfo {
  id: string;
  model: string;
  location: string;
  source: 'libcamera' | 'synthetic';
}

export type ControlValue = boolean | number | string | number[];

export interface ControlInfo {
  id: string;
  type: 'boolean' | 'integer' | 'number' | 'choice' | 'numbers';
  min: number | null;
  max: number | null;
  /** Of `numbers`: how many. */
  length: number | null;
  choices: string[];
  default: ControlValue;
  value: ControlValue;
  unit: string;
}

export interface CameraRequest {
  /** As listed, `auto` or `synthetic`. */
  id: string;
  width: number;
  height: number;
  fps: number;
  /** Keeping time with other cameras, else off; refused as `invalid-value` where the camera cannot. */
  sync?: 'off' | 'server' | 'client';
  /** Wanted size of the camera's second stream. */
  previewWidth: number;
  previewHeight: number;
}

export interface StreamInfo extends CameraInfo {
  width: number;
  height: number;
  fps: number;
  pixelFormat: 'yuv420' | 'nv12';
  /** The camera's second stream, or null where the preview is scaled from the main one. */
  previewWidth: number | null;
  previewHeight: number | null;
}

/** Live video comes in the camera's own size, and in a smaller one for thin links. */
export const videoClasses = ['full', 'small'] as const;
export type VideoClass = (typeof videoClasses)[number];

/** One size of preview picture. All classes are made from the same frames. */
export interface PreviewClass {
  id: number;
  width: number;
  fps: number;
  /** JPEG quality, 1 to 100. */
  quality: number;
}

export interface EncoderRequest {
  kind: 'auto' | 'v4l2' | 'software';
  /** Of the hardware encoder, bits a second; 0: by the picture's size. */
  bitrate: number;
  preset: string;
  /** Constant rate factor, 0 to 51. */
  quality: number;
  threads: number;
  gopMs: number;
}

export type ContainerKind = 'mp4' | 'mkv' | 'h264';

export interface RecordingRequest {
  /** It must exist; the recording's files must not. */
  folder: string;
  /** The files are `<name>_0000.mp4`, `<name>_0000.frames.csv`, `<name>_0001.mp4` … */
  name: string;
  container: ContainerKind;
  /** False: the first segment is `<name>.mp4`. */
  numbered: boolean;
  /** Where it goes on with a recording that was broken off: what its files and frames begin at; else 0. */
  firstSegment?: number;
  firstFrame?: number;
  /** A segment ends at the first keyframe after it has reached one of these; 0: no limit. */
  segmentMs: number;
  segmentBytes: number;
  encoder: EncoderRequest;
  /** 0: until stopped. */
  maxDurationMs: number;
}

export interface RecordingStarted {
  firstSensorNs: number;
  firstWallUs: number;
  encoder: { name: string; reason: string };
}

export type Stage = 'sensor' | 'source' | 'encoder' | 'writer';
export type Losses = Record<Stage, number>;

export type StopReason =
  | 'requested'
  | 'duration'
  | 'disk-reserve'
  | 'disk-gone'
  | 'disk-error'
  | 'camera-lost'
  | 'encoder-failed'
  | 'shutdown';

export interface Gap {
  /** Frames of this recording written before it. */
  afterFrame: number;
  frames: number;
  stage: Stage;
  /** Of the frame after the gap; null where none came. */
  sensorNs: number | null;
}

/** One segment of a recording: a video with its frame log. */
export interface SegmentFile {
  /** The files' names in the recording's folder. */
  video: string;
  log: string;
  /** Of the recording, from 0. */
  firstFrame: number;
  frames: number;
  /** Of the video. */
  bytes: number;
  logBytes: number;
  firstSensorNs: number;
  firstWallUs: number;
  lastSensorNs: number;
  lastWallUs: number;
  /**
   * An ordinary indexed file that the disk has. Otherwise it plays as far as it goes, and needs
   * `repairSegment`.
   */
  closed: boolean;
}

/** How a recording stands, or how it ended. `captured` = `written` + losses at encoder and writer. */
export interface RecordingProgress {
  folder: string;
  name: string;
  /** The number of the segment in work, from 0. */
  segment: number;
  captured: number;
  encoded: number;
  written: number;
  losses: Losses;
  bytes: number;
  firstSensorNs: number;
  firstWallUs: number;
  lastSensorNs: number;
  lastWallUs: number;
  /** Age of the oldest data the disk has not acknowledged. */
  unsyncedMs: number;
  maxUnsyncedMs: number;
}

export interface RecordingSummary extends RecordingProgress {
  reason: StopReason;
  files: SegmentFile[];
  /** At most the first 1000; the losses count them all. */
  gaps: Gap[];
  intervals: { medianUs: number; p99Us: number; maxUs: number };
}

export interface EncoderStatus {
  /** `v4l2` or `software`. */
  active: string | null;
  /** Its node, where it is hardware. */
  device: string | null;
  /** Why this one. */
  reason: string | null;
  /** What a person should know of it, such as that frames must be copied for it. */
  note: string | null;
  bytesCopied: number;
}

/** What the camera says of a frame; null where it does not. */
export interface Measured {
  exposureUs: number | null;
  /** Analogue. */
  gain: number | null;
  /** Red, blue. */
  colourGains: [number, number] | null;
  /** Dioptres. */
  lensPosition: number | null;
}

export interface NativeStatus {
  camera: StreamInfo | null;
  /** Of the newest frame; null before the first. */
  measured: Measured | null;
  /** Since the camera was started. */
  frames: { captured: number; written: number };
  losses: Losses;
  /** All null while nothing is encoded. */
  encoder: EncoderStatus;
  preview: { encoded: number; skipped: number };
  /**
   * Live video: frames that became fragments, in full size and small; what the main thread was too
   * late for of either; and what the small class's encoder was too late for.
   */
  live: { frames: number; smallFrames: number; dropped: number; smallSkipped: number };
  recording: RecordingProgress | null;
  /** Null before the disk's first answer. */
  disk: NativeDisk | null;
}

export interface NativeDisk {
  /** The folder can be read; else the figures are of the nearest folder above that can. */
  present: boolean;
  freeBytes: number;
  totalBytes: number;
  /** `fileSystem` tells disks apart, but is `0` where one has no id; then `device` has to do. */
  device: number;
  fileSystem: string;
  /** Whether the path of the file being written still leads to it; null while none is. */
  fileInPlace: boolean | null;
  /** How long ago it was asked; a disk that does not answer lets this grow. */
  ageMs: number;
}

export type NativeEvent =
  /** Frames lost since the last such event of this stage. */
  | { type: 'loss'; stage: Stage; frames: number }
  | { type: 'error'; code: string; message: string }
  /** The first frame is through the gate. */
  | { type: 'recording-started'; recording: string; firstSensorNs: number; firstWallUs: number }
  /** A segment's files were made; its figures are 0 yet. */
  | { type: 'segment-opened'; recording: string; file: SegmentFile }
  /** Comes before `recording-ended`, for every segment that has a frame. */
  | { type: 'segment-closed'; recording: string; file: SegmentFile }
  /** Of a video or log of a closed segment, some time after it was closed; also after the end. */
  | { type: 'file-hashed'; recording: string; file: string; bytes: number; sha256: string }
  /** Always the last word on a recording that startRecording resolved for, whoever ended it. */
  | { type: 'recording-ended'; summary: RecordingSummary }
  /** Frames come again after `restartCamera`; `frames` were missed, and are told as a loss too. */
  | { type: 'camera-resumed'; frames: number; lastSensorNs: number; sensorNs: number }
  /** The camera failed under a recording, which waits: `restartCamera` may bring it back. */
  | { type: 'camera-failed'; code: string; message: string }
  /** The camera stopped by itself, and nothing was recorded; `start` opens it again. */
  | { type: 'camera-lost'; code: string; message: string };

export interface SessionListener {
  /** `message` is a whole preview message: header of 24 bytes, then the JPEG. */
  onPreview: (classId: number, message: Uint8Array) => void;
  /**
   * A whole message of live video: header of 24 bytes, then an MP4's beginning (type 2) or a
   * fragment of one frame (type 3). Each class begins with a type 2, and a type 2 with a keyframe;
   * after dropped frames it goes on with a keyframe.
   */
  onVideo?: (videoClass: VideoClass, message: Uint8Array) => void;
  onEvent: (event: NativeEvent) => void;
}

/** A fault made on purpose, for tests; the camera faults need the synthetic camera. */
export interface Fault {
  kind: 'drop-at-sensor' | 'delay' | 'stall' | 'fail' | 'stall-preview';
  count?: number;
  milliseconds?: number;
}

/** One camera with its recorder and preview. Rejections are NativeError. */
export interface Session {
  start(request: CameraRequest): Promise<StreamInfo>;
  /**
   * Stops a camera that has gone silent and starts it again, or opens it anew. A recording goes on;
   * it does so too where this rejects, and another attempt may be made.
   */
  restartCamera(reopen: boolean): Promise<void>;
  /** Ends a running recording with `shutdown`, then everything; final. */
  close(): Promise<void>;
  status(): NativeStatus;
  controls(): ControlInfo[];
  /** All or none; throws NativeError `invalid-value` with a field such as `controls.Brightness`. */
  setControls(values: Record<string, ControlValue>): ControlInfo[];
  /** Replaces the classes; none: no JPEG is made. Takes effect with the next frame. */
  setPreview(classes: PreviewClass[]): void;
  /**
   * Live H.264, told to `onVideo`. In full size the encoder runs for it also while nothing is
   * recorded, and a recording's settings go before these; the small class has an encoder of its own,
   * whose settings are fixed. Rejects where the encoder does not start; another call tries again.
   * Holds for later starts of the camera too.
   */
  setLiveVideo(videoClass: VideoClass, on: boolean, encoder: EncoderRequest): Promise<void>;
  /** The next frame becomes a keyframe, unless the keyframes are a recording's. */
  requestLiveKeyframe(videoClass: VideoClass): void;
  /** The next frame as JPEG; the width is brought to between 64 and the camera's, and made even. */
  snapshot(width: number, quality: number): Promise<Uint8Array>;
  /** Resolves once the first frame is through the gate; when it rejects, no file is left. */
  startRecording(request: RecordingRequest): Promise<RecordingStarted>;
  /**
   * Makes everything ready, and lets the recording begin with the first frame from this sensor time
   * on; the event `recording-started` tells when it has. Until then it runs, with no frames.
   */
  armRecording(
    request: RecordingRequest,
    startAtNs: number,
  ): Promise<Pick<RecordingStarted, 'encoder'>>;
  /** An armed recording begins at another sensor time; one that has begun is left as it is. */
  moveStart(startAtNs: number): Promise<void>;
  /** Resolves with the summary, after the recording-ended event has been queued. */
  stopRecording(reason: StopReason): Promise<RecordingSummary>;
  /**
   * Keeps the encoder running between recordings, so that each begins with what was seen in the
   * milliseconds before it was asked for; 0: no more. Holds for later starts of the camera too.
   */
  setPreRoll(milliseconds: number, encoder: EncoderRequest): Promise<void>;
  /** The running recording goes on in a new segment, from a keyframe that is asked for. */
  splitRecording(): Promise<void>;
  /** Bitrate, quality and GOP of the running recording, as far as its encoder can change them. */
  setEncoder(settings: EncoderRequest): Promise<void>;
  /** Names the folder whose disk `status().disk` tells of, read by a native thread. */
  watchDisk(path: string): void;
  inject(fault: Fault): void;
}

/** What the addon throws and rejects with. */
export interface NativeError extends Error {
  code: string;
  field: string | null;
}

/** The Raspberry Pi's hardware encoder. */
export interface EncoderNode {
  path: string;
  driver: string;
  card: string;
}

export interface RepairedSegment {
  /** The files' names. */
  video: string;
  log: string;
  /** The video was whole, and nothing was changed. */
  wasClosed: boolean;
  firstFrame: number;
  frames: number;
  bytes: number;
  logBytes: number;
  /** Rows of the log made from the video: losses before them, exposure and gain are unknown. */
  rowsMade: number;
  /** Cut off the video; kept beside it in the file `tail`. */
  tailBytes: number;
  tail: string | null;
  /** Null where neither log nor video tell. */
  firstSensorNs: number | null;
  firstWallUs: number | null;
  lastSensorNs: number | null;
  lastWallUs: number | null;
}

/** What the frame logs of a recording say together. Losses after the last frame are in no log. */
export interface LogSurvey {
  frames: number;
  losses: Losses;
  /** At most the first 1000; the losses count them all. */
  gaps: Gap[];
  intervals: { medianUs: number; p99Us: number; maxUs: number };
  firstSensorNs: number | null;
  firstWallUs: number | null;
  lastSensorNs: number | null;
  lastWallUs: number | null;
}

/**
 * The wall clock and CLOCK_MONOTONIC read at one instant, and what the kernel knows of the wall
 * clock (adjtimex(2)); null where it does not tell.
 */
export interface NativeClock {
  monotonicNs: number;
  wallUs: number;
  /** The two readings lie at most half of this apart. */
  spreadNs: number;
  synchronised: boolean | null;
  maxErrorUs: number | null;
  estimatedErrorUs: number | null;
}

export interface Addon {
  versions: NativeVersions;
  libcamera: LibcameraBuild;
  listCameras(): Promise<CameraInfo[]>;
  findEncoder(): EncoderNode | null;
  /**
   * Makes a segment whole that was not closed: cut to its last decodable frame, indexed in place,
   * its log completed; what is cut off is kept as `<file>.tail`. `path` is the video's; `firstFrame`
   * is taken where the log does not tell it. Rejects, and changes nothing, with `no-frames` where no
   * frame is left, and with `recording-running` where a process is writing it.
   */
  repairSegment(path: string, firstFrame: number): Promise<RepairedSegment>;
  /** Reads frame logs, in the order of the segments. */
  surveyLogs(paths: string[]): Promise<LogSurvey>;
  /** SHA-256 in hexadecimal. */
  hashFile(path: string): Promise<{ bytes: number; sha256: string }>;
  /** Has those that are being made reject, so that they do not keep the process from ending. */
  cancelHashes(): void;
  /** How many pictures of an `.h264` file decode without an error. Rejects with `disk-error`. */
  decodedPictures(path: string): Promise<number>;
  /** Sends a datagram to a Unix socket, `@` in front for an abstract one; whether it was taken. */
  notifySocket(path: string, message: string): boolean;
  /** Reads both clocks; costs microseconds. */
  clockState(): NativeClock;
  Session: new (listener: SessionListener) => Session;
}

const require = createRequire(import.meta.url);

/** Loads build/Release/pi_monitor.node of the project this file belongs to. */
export function loadAddon(): Addon {
  // Compiled, this file is build/src/native.js.
  const path = fileURLToPath(new URL('../Release/pi_monitor.node', import.meta.url));
  if (!existsSync(path)) {
    throw new Error(`The native addon is not built (${path} is missing): run "npm start" once.`);
  }
  return require(path) as Addon;
}
