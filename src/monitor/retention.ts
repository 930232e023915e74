import { readdir, statfs } from 'node:fs/promises';
import type { Config } from '../config/schema.js';
import { Problem, toProblem } from '../errors.js';
import { Serial } from '../system/serial.js';
import type { Certificate } from './certificate.js';
import type { Recordings } from './recordings.js';

const dayMs = 86_400_000;
const everyMs = 600_000;

/** Where recordings are removed from, and who is told. */
export interface Shelf {
  recordings: Pick<Recordings, 'list' | 'pathOf' | 'prepare' | 'folder'>;
  /** Refuses one that is in use. */
  remove: (name: string) => Promise<void>;
  /** Whether somebody waits for a conversion of it: it stays until that is done. */
  isConverted: (name: string) => boolean;
  onTrouble: (problem: Problem) => void;
}

/**
 * Removes recordings of which somebody has a copy that was compared, once they are old enough or the
 * disk needs the room; where the configuration file does not ask for that, nothing.
 */
export class Retention {
  private timer: NodeJS.Timeout | null = null;
  private readonly turns = new Serial();
  /** Of which it was told that they are kept. */
  private readonly told = new Set<string>();

  constructor(
    private readonly settings: Config['retention'],
    private readonly shelf: Shelf,
    /** UTC in ms. */
    private readonly now: () => number = Date.now,
    private readonly freeBytes: (folder: string) => Promise<number> = freeBytesAt,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.look(), everyMs).unref();
    void this.look();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** Removes what is due; never rejects. */
  look(): Promise<void> {
    return this.turns.run(() =>
      this.removeDue().catch((error: unknown) => this.shelf.onTrouble(toProblem(error))),
    );
  }

  private async removeDue(): Promise<void> {
    const { keepDays, freeMegabytes } = this.settings;
    if (keepDays === 0 && freeMegabytes === 0) return;
    const { recordings } = this.shelf;
    await recordings.prepare(); // throws where another disk is mounted
    const copied = (await recordings.list()).filter(({ transferred }) => transferred?.verified);
    const failures: unknown[] = [];
    for (const certificate of copied.reverse()) {
      if (!(await this.isDue(certificate))) continue;
      await this.removeCopied(certificate).catch((error: unknown) => failures.push(error));
    }
    // One that cannot be removed keeps nobody from the others; of many one is told.
    if (failures.length > 0) throw failures[0];
  }

  private async removeCopied(certificate: Certificate): Promise<void> {
    const strange = await this.uncopied(certificate);
    if (this.shelf.isConverted(certificate.name)) return; // there is a next time
    if (strange === undefined) await this.shelf.remove(certificate.name);
    else this.tellKept(certificate.name, strange);
  }

  /** Asked of the oldest first, so that no more is removed than the room that is needed. */
  private async isDue({ transferred }: Certificate): Promise<boolean> {
    const { keepDays, freeMegabytes } = this.settings;
    const days = (this.now() - (transferred?.at ?? Infinity) / 1000) / dayMs;
    if (keepDays > 0 && days >= keepDays) return true;
    return (
      freeMegabytes > 0 &&
      (await this.freeBytes(this.shelf.recordings.folder)) < freeMegabytes * 1e6
    );
  }

  /** A file in the recording's folder of which no copy was compared: it came later, or is a repair's. */
  private async uncopied({ name, transferred }: Certificate): Promise<string | undefined> {
    const copied = new Set([...(transferred?.files ?? []), `${name}.json`]);
    const found = await readdir(this.shelf.recordings.pathOf(name, ''));
    return found.find((file) => !file.startsWith('.') && !copied.has(file));
  }

  private tellKept(name: string, file: string): void {
    if (this.told.has(name)) return;
    this.told.add(name);
    const detail = `${name} is not removed: no copy of ${file} in it was compared.`;
    this.shelf.onTrouble(new Problem('not-transferred', detail));
  }
}

async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
