import { constants } from 'node:fs';
import { access, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../errors.js';

const plainName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Whether it can be the name of a recording, or of a file in one. */
export function isPlainName(name: unknown): name is string {
  return typeof name === 'string' && plainName.test(name);
}

/** `<name>_0000.mp4` and so on. */
const segmentName = /^(.+)_(\d{4,})\.(?:mp4|mkv|h264)$/;

/** The folder of recordings: one folder each, whatever is in them. */
export class RecordingsFolder {
  /** Device and inode of the folder, once it was there. */
  private identity: string | null = null;

  constructor(readonly folder: string) {}

  /**
   * Makes the folder the first time. From then on it must stay that folder: one that has gone is a
   * disk that was unmounted, and what is recorded in its place would be on another disk. A folder that
   * cannot be written is not it yet: a disk that is still to come will be mounted there.
   */
  async prepare(): Promise<void> {
    if (this.identity === null) {
      await mkdir(this.folder, { recursive: true });
      await access(this.folder, constants.W_OK);
    }
    const found = await stat(this.folder).catch(() => null);
    const identity = found === null ? null : `${found.dev}:${found.ino}`;
    if (identity === null || (this.identity !== null && identity !== this.identity)) {
      throw new Problem(
        'disk-gone',
        'The data folder is not the one from the start: mount its disk again, or restart pi-monitor.',
      );
    }
    this.identity = identity;
  }

  /** Makes a folder of this name, or with -2, -3 … where it is taken. Returns the name it got. */
  async create(name: string): Promise<string> {
    await this.prepare();
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? name : `${name}-${n}`;
      try {
        await mkdir(join(this.folder, candidate));
        return candidate;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  /** The folders that may be recordings, whether they have a certificate or not. */
  async names(): Promise<string[]> {
    const entries = await readdir(this.folder, { withFileTypes: true }).catch(() => []);
    return entries.filter((e) => e.isDirectory() && isPlainName(e.name)).map((e) => e.name);
  }

  /** The videos of a recording's segments, in order; throws where its folder cannot be read. */
  async videos(name: string): Promise<string[]> {
    const numberOf = (file: string): number => {
      const match = segmentName.exec(file);
      return match?.[1] === name ? Number(match[2]) : NaN;
    };
    return (await readdir(join(this.folder, name)))
      .filter((file) => !Number.isNaN(numberOf(file)))
      .sort((a, b) => numberOf(a) - numberOf(b));
  }

  /** The number behind those of all its segments. */
  async nextSegment(name: string): Promise<number> {
    const last = (await this.videos(name)).at(-1);
    return last === undefined ? 0 : Number(segmentName.exec(last)?.[2]) + 1;
  }

  pathOf(name: string, file: string): string {
    return join(this.folder, name, file);
  }

  /** The real path of a recording's folder, or null where it is none or leads elsewhere. */
  async folderOf(name: string): Promise<string | null> {
    if (!isPlainName(name)) return null;
    try {
      const root = await realpath(this.folder);
      const real = await realpath(join(this.folder, name));
      return real === join(root, name) ? real : null;
    } catch {
      return null;
    }
  }
}
