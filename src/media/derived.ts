import { readdir, rename, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { syncFolder } from '../system/atomic-file.js';
import { wallUs } from '../system/wall-clock.js';
import type { Conversion, ConversionKind } from './conversion.js';
import { workFolder, type MadeFile } from './tasks.js';

/** A file made from a recording, beside it, as its certificate names it. */
export interface DerivedFile {
  path: string;
  kind: MadeFile['kind'];
  bytes: number;
  /** Of a video, and of the video a map is of. */
  frames: number;
  sha256: string;
  conversion: Conversion;
  madeWallUs: number;
}

const wordOf: Record<ConversionKind, string> = {
  mp4: 'joined',
  'constant-rate': 'constant-rate',
  smaller: 'smaller',
  'time-lapse': 'time-lapse',
};

/**
 * Moves what a conversion has made to where it stays: `NAME_smaller.mp4`, `NAME_smaller-2.mp4` … in
 * the recording's folder. Nothing is overwritten.
 */
export async function settle(
  folder: string,
  name: string,
  made: readonly MadeFile[],
  conversion: Conversion,
): Promise<DerivedFile[]> {
  const taken = new Set(await readdir(folder));
  const word = `${name}_${wordOf[conversion.kind]}`;
  const named = (stem: string): DerivedFile[] =>
    made.map(({ path, ...file }) => ({
      path: file.kind === 'frame-map' ? `${stem}.${basename(path)}` : stem + extname(path),
      ...file,
      conversion,
      madeWallUs: wallUs(),
    }));
  let files = named(word);
  for (let n = 2; files.some(({ path }) => taken.has(path)); n++) files = named(`${word}-${n}`);
  for (const [i, { path }] of files.entries()) {
    await rename(join(folder, made[i]?.path ?? ''), join(folder, path));
  }
  await syncFolder(folder);
  return files;
}

/** What conversions have left unfinished, in all recordings, that a crash or a power cut ended. */
export async function removeUnfinished(recordingsFolder: string): Promise<void> {
  const entries = await readdir(recordingsFolder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const unfinished = join(recordingsFolder, entry.name, workFolder);
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
  }
}
