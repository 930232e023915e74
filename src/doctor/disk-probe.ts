import { randomFillSync } from 'node:crypto';
import { open, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const trialBytes = 64 * 1024 * 1024;
const chunkBytes = 8 * 1024 * 1024;
/** A slow card writes less: the figure is as good. */
const enoughMs = 3000;

/** Free for this user on the disk of a folder that need not be there yet. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(await existing(folder));
  return bavail * bsize;
}

/**
 * How fast that disk takes data that must be on it: written and synced piece by piece, as a
 * recording does. The file has no name from its first byte on, so nothing is left of it.
 */
export async function writeBytesPerSecond(folder: string): Promise<number> {
  const path = join(await existing(folder), `.doctor-${process.pid}`);
  const file = await open(path, 'wx', 0o600);
  try {
    await unlink(path);
    const chunk = randomFillSync(Buffer.allocUnsafe(chunkBytes)); // some disks compress
    const began = performance.now();
    let written = 0;
    while (written < trialBytes && performance.now() - began < enoughMs) {
      await file.writev([chunk]);
      await file.datasync();
      written += chunkBytes;
    }
    return written / ((performance.now() - began) / 1000);
  } finally {
    await file.close();
  }
}

/** The nearest folder above that exists: looking must not make the data folder. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => null);
  if (found !== null || folder === dirname(folder)) return folder;
  return existing(dirname(folder));
}
