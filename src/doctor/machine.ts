import type { Config } from '../config/schema.js';
import type { Problem } from '../errors.js';
import type { Ffmpeg } from '../media/ffmpeg.js';
import type {
  CameraInfo,
  EncoderNode,
  LibcameraBuild,
  NativeVersions,
  StreamInfo,
} from '../native.js';
import type { ClockState } from '../system/wall-clock.js';

/** The machine as the checks see it: all that is outside of them comes from here. */
export interface Machine {
  config: Config;
  /** What is wrong with the configuration's file; `config` are the defaults then. */
  configProblem: string | null;
  recordingsFolder: string;
  /** As the device tree has it (`Raspberry Pi 4 Model B Rev 1.4`); null where there is none. */
  model: string | null;
  /** Of the operating system's kernel. */
  kernel: string;
  nodeVersion: string;
  /** As in the time zone database: `Europe/Berlin`. */
  timeZone: string;
  user: { name: string; isRoot: boolean; groups: string[] };
  /** The monitor that answers on the configured port. */
  monitor: { host: string; state: string } | null;
  /** Or why it cannot be loaded. */
  native: Native | string;
  /** The file's text, or null where it cannot be read. */
  readText: (path: string) => Promise<string | null>;
  /** Opens it for reading and writing, as the program would. */
  tryToOpen: (path: string) => Promise<'works' | 'absent' | 'denied'>;
  /** What the command prints; null where it is not there or fails. No shell has a part in it. */
  output: (command: string, args: string[]) => Promise<string | null>;
  /** The program that converts; null where there is none. */
  findFfmpeg: () => Promise<Ffmpeg | null>;
  clock: () => Promise<ClockState>;
  /** Of the disk of the recordings. Throws what the system says. */
  freeBytes: () => Promise<number>;
  /** Writes and syncs there. Throws what the system says. */
  writeBytesPerSecond: () => Promise<number>;
  /** Null: it can be listened on; else the system's code, such as EADDRINUSE. */
  tryToListen: () => Promise<string | null>;
  /** The program that listens on the configured port, where that can be seen. */
  listener: () => Promise<string | null>;
  /** Null: the configured broker lets this machine in; else why not. Takes no longer than `limitMs`. */
  tryBroker: (limitMs: number) => Promise<Problem | null>;
}

/** The addon, as far as it is examined. Rejections are of the table of errors. */
export interface Native {
  libcamera: LibcameraBuild;
  versions: NativeVersions;
  findEncoder: () => EncoderNode | null;
  listCameras: () => Promise<CameraInfo[]>;
  /** Opens the configured camera until it has given so many frames. */
  tryCamera: (frames: number, limitMs: number) => Promise<StreamInfo>;
  /** Records frames of the synthetic camera, in the configured size, to a file that is removed. */
  tryEncoder: (kind: 'v4l2' | 'software', frames: number) => Promise<Trial>;
}

export interface Trial {
  width: number;
  height: number;
  fps: number;
  /** Of the frames that were asked for. */
  written: number;
  /** Of those written. */
  decoded: number;
  /** From the first frame to the finished file. */
  ms: number;
}

/** As configured; a slower trial would take too long. */
export function trialFps({ camera }: Config): number {
  return Math.max(camera.fps, 15);
}

/** Whether it must not be disturbed: by frames to encode, or by data to write. */
export function isRecording({ monitor }: Machine): boolean {
  return monitor !== null && ['armed', 'recording', 'stopping'].includes(monitor.state);
}

export function isRaspberryPi({ model }: Machine): boolean {
  return model?.startsWith('Raspberry Pi') === true;
}
