import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../errors.js';
import type { Monitor } from '../monitor/monitor.js';
import { fileSource } from './send-file.js';
import type { TarEntry } from './tar.js';

/**
 * What an archive has of a recording: the certificate as it is now, and every file that it names.
 * Throws `not-found`, or `recording-running` while it has not ended.
 */
export async function recordingEntries(monitor: Monitor, name: string): Promise<TarEntry[]> {
  const { certificate, folder } = await monitor.library.final(name);
  const certified = [...certificate.files, ...(certificate.derived ?? [])];
  return [
    await certificateEntry(folder, name),
    ...(await Promise.all(certified.map(({ path }) => fileEntry(monitor, folder, name, path)))),
  ];
}

/** Held in memory, for it may get an entry more while the archive is sent. */
async function certificateEntry(folder: string, name: string): Promise<TarEntry> {
  const path = join(folder, `${name}.json`);
  const content = await readFile(path);
  const modified = (await lstat(path)).mtimeMs / 1000;
  return {
    path: `${name}/${name}.json`,
    bytes: content.length,
    modified,
    open: () =>
      Promise.resolve({
        read: (buffer, length, position) =>
          Promise.resolve(content.copy(buffer, 0, position, position + length)),
        close: () => Promise.resolve(),
      }),
  };
}

async function fileEntry(
  monitor: Monitor,
  folder: string,
  name: string,
  file: string,
): Promise<TarEntry> {
  const found = await lstat(join(folder, file)).catch(() => null);
  if (found?.isFile() !== true) throw new Problem('not-found', `${name} has no file ${file}.`);
  return {
    path: `${name}/${file}`,
    bytes: found.size,
    modified: found.mtimeMs / 1000,
    open: async () => fileSource(await monitor.recordings.openFile(name, file)),
  };
}
