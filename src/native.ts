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

export interface RecordingRequest {
  /** The video file; it must not exist, its folder must. */
  path: string;
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

/** How a recording stands, or how it ended. `captured` = `written` + losses at encoder and writer. */
export interface RecordingProgress {
  path: string;
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

export interface NativeStatus {
  camera: StreamInfo | null;
  /** Since the camera was started. */
  frames: { captured: number; written: number };
  losses: Losses;
  /** All null while nothing is encoded. */
  encoder: EncoderStatus;
  preview: { encoded: number; skipped: number };
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
  /** Always the last word on a recording that startRecording resolved for, whoever ended it. */
  | { type: 'recording-ended'; summary: RecordingSummary }
  /** Frames come again after `restartCamera`; `frames` were missed, and are told as a loss too. */
  | { type: 'camera-resumed'; frames: number; lastSensorNs: number; sensorNs: number }
  /** The camera stopped by itself; `start` opens it again. */
  | { type: 'camera-lost'; code: string; message: string };

export interface SessionListener {
  /** `message` is a whole preview message: header of 24 bytes, then the JPEG. */
  onPreview: (classId: number, message: Uint8Array) => void;
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
  /** The next frame as JPEG; the width is brought to between 64 and the camera's, and made even. */
  snapshot(width: number, quality: number): Promise<Uint8Array>;
  /** Resolves once the first frame is through the gate; when it rejects, no file is left. */
  startRecording(request: RecordingRequest): Promise<RecordingStarted>;
  /** Resolves with the summary, after the recording-ended event has been queued. */
  stopRecording(reason: StopReason): Promise<RecordingSummary>;
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
