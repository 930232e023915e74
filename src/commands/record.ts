import { access, stat } from 'node:fs/promises';
import { dirname, parse, resolve } from 'node:path';
import { Problem, toProblem } from '../errors.js';
import { lossCount } from '../monitor/certificate.js';
import {
  loadAddon,
  type NativeEvent,
  type RecordingRequest,
  type RecordingSummary,
  type Session,
  type StopReason,
} from '../native.js';
import { stopSignal } from './signals.js';

export interface RecordOptions {
  output: string;
  duration: number;
  camera: string;
  size: { width: number; height: number };
  fps: number;
  encoder: 'auto' | 'v4l2' | 'software';
  quality: number;
  preset: string;
  /** Mb/s; 0: by the picture's size. */
  bitrate: number;
}

const progressEveryMs = 1000;
const containers = ['mp4', 'mkv', 'h264'] as const;

/** Records one file: until the duration is over or a signal comes. Sets the exit code. */
export async function record(options: RecordOptions): Promise<void> {
  const path = resolve(options.output);
  await refuseOutput(path);
  fileOf(path);
  const ended = new Ending();
  const session = new (loadAddon().Session)({
    onPreview: () => undefined,
    onEvent: (event) => {
      ended.onEvent(event);
      // Nobody is here to bring it back.
      if (event.type === 'camera-failed') void stop(session, 'camera-lost');
    },
  });
  try {
    await begin(session, path, options);
    const timer = setInterval(() => showProgress(session), progressEveryMs);
    void stopSignal().then(() => stop(session, 'requested'));
    const summary = await ended.summary;
    clearInterval(timer);
    console.error(`\r${progressLine(summary)}`);
    process.exitCode = exitCode(summary);
  } finally {
    await session.close();
  }
}

async function stop(session: Session, reason: StopReason): Promise<void> {
  await session.stopRecording(reason).catch(() => undefined); // it has ended by itself meanwhile
}

async function refuseOutput(path: string): Promise<void> {
  const folder = dirname(path);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new Problem('not-found', `The folder ${folder} does not exist: make it first.`);
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new Problem('invalid-value', `${path} exists and is not overwritten.`, 'output');
}

/** The container is chosen by the file's ending. */
function fileOf(path: string): Pick<RecordingRequest, 'folder' | 'name' | 'container'> {
  const { dir, name, ext } = parse(path);
  const container = containers.find((one) => ext === `.${one}`);
  if (container !== undefined) return { folder: dir, name, container };
  const endings = containers.map((one) => `.${one}`).join(', ');
  throw new Problem('invalid-value', `${path} must end in one of ${endings}.`, 'output');
}

async function begin(session: Session, path: string, options: RecordOptions): Promise<void> {
  const { width, height } = options.size;
  const stream = await session.start({
    id: options.camera,
    width,
    height,
    fps: options.fps,
    previewWidth: 320,
    previewHeight: Math.round((320 * height) / width / 2) * 2,
  });
  const { encoder } = await session.startRecording({
    ...fileOf(path),
    numbered: false,
    segmentMs: 0,
    segmentBytes: 0,
    encoder: {
      kind: options.encoder,
      preset: options.preset,
      quality: options.quality,
      bitrate: Math.round(options.bitrate * 1e6),
      threads: 1,
      gopMs: 1000,
    },
    maxDurationMs: Number.isFinite(options.duration) ? options.duration : 0,
  });
  const picture = `${stream.width}x${stream.height} at ${stream.fps} fps`;
  console.error(
    `${stream.id}, ${picture}, ${encoder.name} encoder (${encoder.reason}), to ${path}`,
  );
}

/** Waits for the addon's last word on the recording. */
class Ending {
  readonly summary: Promise<RecordingSummary>;
  private resolve!: (summary: RecordingSummary) => void;

  constructor() {
    this.summary = new Promise((resolve) => (this.resolve = resolve));
  }

  onEvent(event: NativeEvent): void {
    if (event.type === 'recording-ended') this.resolve(event.summary);
    else if (event.type === 'error' || event.type === 'camera-failed')
      console.error(`\n${toProblem(new Error(event.message)).detail}`);
  }
}

function showProgress(session: Session): void {
  const { recording } = session.status();
  if (recording !== null) process.stderr.write(`\r${progressLine(recording)}`);
}

type Progress = Pick<
  RecordingSummary,
  'written' | 'firstSensorNs' | 'lastSensorNs' | 'bytes' | 'losses'
>;

function progressLine({ written, firstSensorNs, lastSensorNs, bytes, losses }: Progress): string {
  const seconds = ((lastSensorNs - firstSensorNs) / 1e9).toFixed(1);
  const megabytes = (bytes / 1e6).toFixed(1);
  return `${written} frames, ${seconds} s, ${megabytes} MB, ${lossCount(losses)} lost`;
}

/** 0: everything asked for is in the file; 2: it is, but for lost frames; 1: it ended early. */
function exitCode({ reason, losses }: RecordingSummary): number {
  if (reason !== 'requested' && reason !== 'duration') {
    console.error(`The recording ended early: ${reason}.`);
    return 1;
  }
  return lossCount(losses) === 0 ? 0 : 2;
}
