import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../errors.js';
import { Serial } from '../system/serial.js';
import type { Certificate } from '../monitor/certificate.js';
import type { Ffmpeg } from './ffmpeg.js';
import { WorkerProcess } from './worker-process.js';

/** Beside the recording, and so removed with it. */
const fileName = '.thumbnail.jpg';
/** Where the first segment shows nothing. */
const mostVideos = 3;
const patienceMs = 30_000;

/** Small pictures of recordings: made when first asked for, one at a time, and kept. */
export class Thumbnails {
  private readonly making = new Map<string, Promise<void>>();
  private readonly turns = new Serial();

  constructor(private readonly ffmpeg: () => Promise<Ffmpeg | null>) {}

  /** Throws `not-found` while the recording has no frame that can be shown. */
  async open(certificate: Certificate, folder: string): Promise<FileHandle> {
    const kept = await openPlain(join(folder, fileName));
    if (kept !== null) return kept;
    await this.make(certificate, folder);
    const made = await openPlain(join(folder, fileName));
    if (made === null) throw new Problem('not-found', 'The recording has no picture.');
    return made;
  }

  /** Whoever asks meanwhile waits for the same picture. */
  private async make(certificate: Certificate, folder: string): Promise<void> {
    const { name } = certificate;
    const made =
      this.making.get(name) ??
      this.turns.run(() => this.run(certificate, folder)).finally(() => this.making.delete(name));
    this.making.set(name, made);
    await made;
  }

  private async run({ files }: Certificate, folder: string): Promise<void> {
    const ffmpeg = await this.ffmpeg();
    if (ffmpeg === null) {
      throw new Problem('converter-missing', 'Install it with "sudo apt install ffmpeg".');
    }
    const videos = files.map(({ path }) => path).filter((path) => /\.(mp4|mkv|h264)$/.test(path));
    const worker = await WorkerProcess.start(
      {
        type: 'thumbnail',
        ffmpeg: ffmpeg.program,
        folder,
        videos: videos.slice(0, mostVideos),
        output: fileName,
      },
      () => undefined,
    );
    const timer = setTimeout(() => void worker.kill(), patienceMs);
    await worker.result.finally(() => clearTimeout(timer));
  }
}

async function openPlain(path: string): Promise<FileHandle | null> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => null);
}
