import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import { Problem } from '../errors.js';
import { cameraRequest } from '../monitor/camera.js';
import { encoderRequest } from '../monitor/encoder-request.js';
import type { Addon, NativeEvent, RecordingSummary, StreamInfo } from '../native.js';
import { trialFps, type Native, type Trial } from './machine.js';

/** The addon as the checks use it. Each trial has a session of its own and closes it. */
export function probe(addon: Addon, config: Config): Native {
  const { libcamera, versions } = addon;
  return {
    libcamera,
    versions,
    findEncoder: () => addon.findEncoder(),
    listCameras: () => addon.listCameras(),
    tryCamera: (frames, limitMs) => tryCamera(addon, config, frames, limitMs),
    tryEncoder: (kind, frames) => tryEncoder(addon, config, kind, frames),
  };
}

async function tryCamera(
  addon: Addon,
  config: Config,
  frames: number,
  limitMs: number,
): Promise<StreamInfo> {
  const deadline = performance.now() + limitMs;
  const seen: { loss: Problem | null } = { loss: null };
  const session = new addon.Session({
    onPreview: () => undefined,
    onEvent: (event) => {
      if (event.type === 'camera-lost') seen.loss = new Problem('camera-lost', event.message);
    },
  });
  try {
    const stream = await session.start(cameraRequest(config));
    for (;;) {
      const { captured } = session.status().frames;
      if (captured >= frames) return stream;
      if (seen.loss !== null) throw seen.loss;
      if (performance.now() > deadline) {
        throw new Problem('camera-lost', `The camera gave ${captured} frames and no more.`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    await session.close();
  }
}

async function tryEncoder(
  addon: Addon,
  config: Config,
  kind: 'v4l2' | 'software',
  frames: number,
): Promise<Trial> {
  const fps = trialFps(config);
  const ended = new Ending();
  const session = new addon.Session({
    onPreview: () => undefined,
    onEvent: (event) => ended.onEvent(event),
  });
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-doctor-'));
  try {
    const camera = { ...config.camera, id: 'synthetic', fps };
    const { width, height } = await session.start(cameraRequest({ ...config, camera }));
    const began = performance.now();
    await session.startRecording({
      folder,
      name: 'trial',
      container: 'h264',
      numbered: false,
      segmentMs: 0,
      segmentBytes: 0,
      encoder: { ...encoderRequest(config), kind },
      maxDurationMs: ((frames - 0.5) / fps) * 1000, // half a frame short, so as not to get one more
    });
    const { written, files } = await ended.summary;
    const ms = performance.now() - began;
    const decoded = await addon.decodedPictures(join(folder, files[0]?.video ?? ''));
    return { width, height, fps, written, decoded, ms };
  } finally {
    await session.close();
    await rm(folder, { recursive: true });
  }
}

/** Waits for the addon's last word on the recording, or for what broke it. */
class Ending {
  readonly summary: Promise<RecordingSummary>;
  private resolve!: (summary: RecordingSummary) => void;
  private reject!: (problem: Problem) => void;
  private failure: Problem | null = null;

  constructor() {
    this.summary = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.summary.catch(() => undefined); // nobody may wait for it any more
  }

  onEvent(event: NativeEvent): void {
    if (event.type === 'error') this.failure = new Problem('encoder-failed', event.message);
    if (event.type !== 'recording-ended') return;
    if (this.failure === null) this.resolve(event.summary);
    else this.reject(this.failure);
  }
}
