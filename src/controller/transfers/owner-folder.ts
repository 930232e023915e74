import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../errors.js';
import { writeAtomically } from '../../system/atomic-file.js';
import { Serial } from '../../system/serial.js';

interface Owner {
  id: string;
  /** As it is now; the folder keeps that of the first time. */
  host: string;
}

/** In each folder: the id whose it is. Names have only a part of it, and of ids anybody may claim any. */
const markName = '.monitor-id';

/**
 * The folders of the monitors below one: made of the host's name and the beginning of the id, or the
 * whole id where another monitor has that beginning.
 */
export class OwnerFolders {
  private readonly finds = new Serial();

  constructor(private readonly root: string) {}

  /** The folder's name; it is made where there is none. Throws `name-invalid`. */
  nameOf(owner: Owner): Promise<string> {
    return this.finds.run(() => this.find(owner));
  }

  private async find({ id, host }: Owner): Promise<string> {
    await mkdir(this.root, { recursive: true });
    const entries = await readdir(this.root, { withFileTypes: true });
    const there = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    for (const length of [8, 64]) {
      const ending = `-${plain(id).slice(0, length)}`;
      const alike = there.filter((name) => name.endsWith(ending));
      for (const name of alike) {
        const marked = await this.markOf(name);
        if (marked === null) await this.mark(name, id); // of an older version: of the first who comes
        if (marked === null || marked === id) return name;
      }
      if (alike.length > 0) continue;
      const name = `${plain(host).slice(0, 64)}${ending}`;
      await mkdir(join(this.root, name));
      await this.mark(name, id);
      return name;
    }
    throw new Problem(
      'name-invalid',
      `The folders for ${id.slice(0, 100)} in ${this.root} belong to other monitors: give it an id of its own.`,
    );
  }

  private async markOf(name: string): Promise<string | null> {
    return readFile(join(this.root, name, markName), 'utf8').then(
      (text) => text.trim(),
      (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      },
    );
  }

  private mark(name: string, id: string): Promise<void> {
    return writeAtomically(join(this.root, name, markName), `${id}\n`);
  }
}

/** A part of a file name. */
function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^[.-]+/, '');
}
