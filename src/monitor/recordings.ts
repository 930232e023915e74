import { constants } from 'node:fs';
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '../config/merge-patch.js';
import { Problem, toProblem } from '../errors.js';
import { Serial } from '../system/serial.js';
import { readJson, writeJson } from '../system/json-file.js';
import type { Certificate } from './certificate.js';
import { isPlainName, RecordingsFolder } from './recordings-folder.js';
import { withHash } from './segments.js';
import { completed, isCertificate, sizeOf } from './stored-certificate.js';

/** The recordings: their certificates beside the video, and how these are saved. */
export class Recordings extends RecordingsFolder {
  /** Certificates that the disk did not take: they hold, and are saved once it does. */
  private readonly unsaved = new Map<string, Certificate>();
  /** One at a time: a certificate never overtakes a newer one of the same recording. */
  private readonly saves = new Serial();

  /** Takes back a folder in which nothing was recorded. One with a file of content is never touched. */
  async discard(name: string): Promise<void> {
    const files = await readdir(join(this.folder, name)).catch(() => []);
    for (const file of files) {
      if (file !== `${name}.json` && (await sizeOf(this.pathOf(name, file))) !== 0) return;
    }
    this.unsaved.delete(name);
    await rm(join(this.folder, name), { recursive: true, force: true });
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
    const certificate = isPlainName(name) ? await this.read(name) : null;
    if (certificate === null) throw noRecording(name);
    return certificate;
  }

  /** Deletes the recording's folder with all that is in it, when nothing is being written there. */
  async remove(name: string): Promise<void> {
    await this.saves.run(async () => {
      const folder = await this.folderOf(name);
      if (folder === null) throw noRecording(name);
      this.unsaved.delete(name);
      await rm(folder, { recursive: true });
    });
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
    return completed(content, folder);
  }
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
