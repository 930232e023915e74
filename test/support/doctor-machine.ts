import { resolveConfig } from '../../src/config/config.js';
import { Problem } from '../../src/errors.js';
import type { Ffmpeg } from '../../src/media/ffmpeg.js';
import type { Machine, Native, Trial } from '../../src/doctor/machine.js';
import type { CameraInfo, EncoderNode, StreamInfo } from '../../src/native.js';

/** What can be said of a machine in one word or two; the rest is as on a Pi 4 that is well. */
export interface Traits extends Partial<Omit<Machine, 'config' | 'native'>> {
  settings?: Record<string, unknown>;
  /** The texts of files. */
  files?: Record<string, string>;
  /** What commands print. */
  commands?: Record<string, string>;
  /** Why the addon cannot be loaded, or what is different about it. */
  native?: string | Partial<Native>;
}

const sensor: CameraInfo = {
  id: '/base/soc/i2c0mux/i2c@1/imx708@1a',
  model: 'imx708',
  location: '',
  source: 'libcamera',
};
export const synthetic: CameraInfo = {
  id: 'synthetic',
  model: 'synthetic',
  location: '',
  source: 'synthetic',
};
const node: EncoderNode = {
  path: '/dev/video11',
  driver: 'bcm2835-codec',
  card: 'bcm2835-codec-encode',
};

export function streamOf(camera: CameraInfo): StreamInfo {
  const picture = { width: 1280, height: 720, fps: 30, pixelFormat: 'yuv420' as const };
  return { ...camera, ...picture, previewWidth: null, previewHeight: null };
}

export function trialOf(written: number, decoded = written): Trial {
  return { width: 1280, height: 720, fps: 30, written, decoded, ms: 1100 };
}

const wellNative: Native = {
  libcamera: { available: true, version: '0.7.2', reason: null },
  versions: { libcamera: '0.7.2', libavcodec: '61.19.101', libavformat: '61.7.100' },
  findEncoder: () => node,
  listCameras: async () => [sensor, synthetic],
  tryCamera: async () => streamOf(sensor),
  tryEncoder: async (_, frames) => trialOf(frames),
};

export const ffmpeg: Ffmpeg = {
  program: 'ffmpeg',
  version: '7.1.1',
  origin: 'system',
  encodes: true,
};

const meminfo = 'MemTotal: 3884188 kB\nCmaTotal:         524288 kB\nCmaFree:          498012 kB\n';

/** A Raspberry Pi 4 that is well, but for these traits. */
export function machineWith(traits: Traits = {}): Machine {
  const { settings = {}, files = {}, commands = {}, native = {}, ...others } = traits;
  const texts: Record<string, string> = {
    '/proc/meminfo': meminfo,
    '/sys/devices/platform/soc/soc:firmware/get_throttled': '0\n',
    ...files,
  };
  const printed: Record<string, string> = { 'vcgencmd get_mem gpu': 'gpu=76M', ...commands };
  return {
    config: resolveConfig(settings),
    configProblem: null,
    recordingsFolder: '/data/recordings',
    model: 'Raspberry Pi 4 Model B Rev 1.4',
    kernel: '6.12.47+rpt-rpi-v8',
    nodeVersion: '20.20.2',
    timeZone: 'Europe/Berlin',
    user: { name: 'pi', isRoot: false, groups: ['pi', 'video', 'render'] },
    monitor: null,
    native: typeof native === 'string' ? native : { ...wellNative, ...native },
    readText: async (path) => texts[path] || null,
    tryToOpen: async () => 'works',
    output: async (command, args) => printed[[command, ...args].join(' ')] ?? null,
    findFfmpeg: async () => ffmpeg,
    clock: async () => ({ source: 'ntp', uncertaintyMs: null }),
    freeBytes: async () => 64e9,
    writeBytesPerSecond: async () => 25e6,
    tryToListen: async () => null,
    listener: async () => null,
    tryBroker: async () => null,
    ...others,
  };
}

export async function refusal(
  code: 'camera-busy' | 'camera-unknown' | 'camera-lost' | 'encoder-refused',
): Promise<never> {
  throw new Problem(code, `It says ${code}.`);
}
