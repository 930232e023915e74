import { constants } from 'node:fs';
import {
  access,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '../config/merge-patch.js';
import { Problem, toProblem } from '../errors.js';
import { Serial } from '../system/serial.js';
import { readJson, writeJson } from '../system/json-file.js';
import type { DerivedFile } from '../media/derived.js';
import type { RecordingProgress } from '../native.js';
import type { Certificate } from './certificate.js';
import { withGrowth, withHash } from './segments.js';

/** What a list shows of a recording: its certificate without the long parts. */
export type RecordingItem = Pick<Certificate, 'name' | 'start' | 'stop' | 'frames' | 'losses'> &
  Pick<Certificate, 'metadata' | 'files' | 'transferred'> & {
    state: RecordingState;
    derived: DerivedFile[];
    /** Null while it runs. */
    verdict: Certificate['verdict'] | null;
  };

/** `repairing`: its files were never closed, and are being mended or wait for it. */
export type RecordingState = 'armed' | 'recording' | 'repairing' | 'ended';

export function itemOf(certificate: Certificate, state: RecordingState): RecordingItem {
  const { name, verdict, start, stop, frames, losses, metadata, files, derived, transferred } =
    certificate;
  return {
    name,
    state,
    verdict: state === 'recording' || state === 'armed' ? null : verdict,
    start,
    stop,
    frames,
    losses,
    metadata,
    files,
    derived: derived ?? [],
    ...(transferred !== undefined && { transferred }),
  };
}

/** The certificate of a recording that runs, with the figures as they stand. */
export function withProgress(certificate: Certificate, progress: RecordingProgress): Certificate {
  const { captured, encoded, written, losses, bytes } = progress;
  return {
    ...certificate,
    frames: { expected: captured + losses.sensor + losses.source, captured, encoded, written },
    losses,
    files: withGrowth(certificate.files, written, bytes),
  };
}

const folderName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** `<name>_0000.mp4` and so on. */
const segmentName = /^(.+)_(\d{4,})\.(?:mp4|mkv|h264)$/;

/** The folder of recordings: one folder each, with the certificate beside the video. */
export class Recordings {
  /** Certificates that the disk did not take: they hold, and are saved once it does. */
  private readonly unsaved = new Map<string, Certificate>();

  /** One at a time: a certificate never overtakes a newer one of the same recording. */
  private readonly saves = new Serial();
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

  /** Takes back a folder in which nothing was recorded. One with a file of content is never touched. */
  async discard(name: string): Promise<void> {
    const files = await readdir(join(this.folder, name)).catch(() => []);
    for (const file of files) {
      if (file !== `${name}.json` && (await sizeOf(this.pathOf(name, file))) !== 0) return;
    }
    this.unsaved.delete(name);
    await rm(join(this.folder, name), { recursive: true, force: true });
  }

  /** The folders that may be recordings, whether they have a certificate or not. */
  async names(): Promise<string[]> {
    const entries = await readdir(this.folder, { withFileTypes: true }).catch(() => []);
    return entries.filter((e) => e.isDirectory() && folderName.test(e.name)).map((e) => e.name);
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

  async save(certificate: Certificate): Promise<void> {
    const { name } = certificate;
    // One that waits is replaced, not taken away: until the disk has it, it is read from here.
    if (this.unsaved.has(name)) this.unsaved.set(name, certificate);
    await this.saves.run(() => this.write(certificate));
  }

  private async write(certificate: Certificate): Promise<void> {
    const { name } = certificate;
    try {
      await writeJson(this.pathOf(name, `${name}.json`), certificate);
      if (this.unsaved.get(name) === certificate) this.unsaved.delete(name);
    } catch (error) {
      if (!this.unsaved.has(name)) this.unsaved.set(name, certificate); // else it is as new
      throw error;
    }
  }

  /** Tries again what could not be saved. Called now and then; with nothing to do it does nothing. */
  async saveUnsaved(): Promise<void> {
    for (const name of [...this.unsaved.keys()]) {
      await this.saves
        .run(async () => {
          const newest = this.unsaved.get(name);
          if (newest !== undefined) await this.write(newest);
        })
        .catch(() => undefined); // it was told when it first failed
    }
  }

  /** Completes the certificate of a recording that has ended. */
  async addHash(name: string, path: string, sha256: string): Promise<void> {
    await this.amend(name, (certificate) => ({
      ...certificate,
      files: withHash(certificate.files, path, sha256),
    }));
  }

  /** Changes a certificate on the disk, one change at a time. Does nothing where it was removed. */
  async amend(name: string, change: (certificate: Certificate) => Certificate): Promise<void> {
    await this.saves.run(async () => {
      const certificate = await this.read(name);
      if (certificate !== null) await this.write(change(certificate));
    });
  }

  /** All, newest first by name of folder where the start is not known. Unreadable ones are left out. */
  async list(): Promise<Certificate[]> {
    const found = await Promise.all((await this.names()).map((name) => this.read(name)));
    return found
      .filter((certificate) => certificate !== null)
      .sort((a, b) => b.start.wallUs - a.start.wallUs);
  }

  /** The certificate, with the sizes of files that it does not know yet. Throws `not-found`. */
  async get(name: string): Promise<Certificate> {
    const certificate = folderName.test(name) ? await this.read(name) : null;
    if (certificate === null) throw noRecording(name);
    return certificate;
  }

  /** Deletes the recording's folder with all that is in it. */
  async remove(name: string): Promise<void> {
    const folder = await this.folderOf(name);
    if (folder === null) throw noRecording(name);
    this.unsaved.delete(name);
    await rm(folder, { recursive: true });
  }

  /** Opens a file that the recording's certificate names; anything else is `not-found`. */
  async openFile(name: string, file: string): Promise<FileHandle> {
    const certificate = await this.get(name);
    const folder = await this.folderOf(name);
    const named = [...certificate.files, ...(certificate.derived ?? [])];
    if (folder === null || !named.some(({ path }) => path === file)) {
      throw noFile(name, file);
    }
    let handle: FileHandle;
    try {
      // Non-blocking: opening a pipe would else hold a thread of the pool until somebody writes.
      const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
      handle = await open(join(folder, file), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      throw isAbsence(error) ? noFile(name, file) : toProblem(error);
    }
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw noFile(name, file);
  }

  /** The real path of a recording's folder, or null where it is none or leads elsewhere. */
  async folderOf(name: string): Promise<string | null> {
    if (!folderName.test(name)) return null;
    try {
      const root = await realpath(this.folder);
      const real = await realpath(join(this.folder, name));
      return real === join(root, name) ? real : null;
    } catch {
      return null;
    }
  }

  /**
   * The certificate, for one who would make a new one: `missing` is also one that is damaged;
   * `foreign` is one of another version. Throws where the disk does not let it be read.
   */
  async readOrMissing(name: string): Promise<Certificate | 'missing' | 'foreign'> {
    const known = await this.read(name);
    if (known !== null) return known;
    const content = await readJson(this.pathOf(name, `${name}.json`)).catch((error: unknown) => {
      if (error instanceof SyntaxError) return null;
      throw error;
    });
    const version = isJsonObject(content) ? content['version'] : null;
    return typeof version === 'number' && version !== 1 ? 'foreign' : 'missing';
  }

  /** Puts a certificate that cannot be read aside, where there is one, for another to be made. */
  async keepDamaged(name: string): Promise<void> {
    const path = this.pathOf(name, `${name}.json`);
    await rename(path, `${path}.damaged`).catch((error: unknown) => {
      if (!isAbsence(error)) throw error;
    });
  }

  /** The certificate, or null where there is none that can be read. */
  async read(name: string): Promise<Certificate | null> {
    const folder = await this.folderOf(name);
    if (folder === null) return null;
    const content: unknown =
      this.unsaved.get(name) ?? (await readJson(join(folder, `${name}.json`)).catch(() => null));
    if (!isCertificate(content) || content.name !== name) return null;
    const files = await Promise.all(
      content.files.map(async (file) => ({
        ...laterFileFields,
        ...file,
        bytes: file.bytes ?? (await sizeOf(join(folder, file.path))),
      })),
    );
    const { bootId, plan, repair } = content;
    return {
      ...content,
      files,
      bootId: bootId ?? null,
      plan: plan ?? null,
      repair: repair ?? null,
    };
  }
}

/** What certificates did not have at first. */
const laterFileFields = { closed: true };

/** Enough of a check for a file of our own making: a stranger's JSON is not taken for one. */
function isCertificate(content: unknown): content is Certificate {
  if (!isJsonObject(content) || content['version'] !== 1) return false;
  const { files, start, derived = [] } = content;
  return (
    isJsonObject(start) &&
    typeof start['wallUs'] === 'number' &&
    Array.isArray(files) &&
    Array.isArray(derived) &&
    [...(files as unknown[]), ...(derived as unknown[])].every(
      (file) => isJsonObject(file) && isPlainFileName(file['path']),
    )
  );
}

function isPlainFileName(path: unknown): boolean {
  return typeof path === 'string' && folderName.test(path);
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}

function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ELOOP', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code));
}

function noRecording(name: string): Problem {
  return new Problem('not-found', `There is no recording ${name.slice(0, 200)}.`);
}

function noFile(name: string, file: string): Problem {
  return new Problem('not-found', `${name} has no file ${file.slice(0, 200)}.`);
}
