import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes the drafts of one file differ, should two be written at once. */
let drafts = 0;

/**
 * Replaces a file so that after a crash or a power cut either the old or the new content stands:
 * written beside it, synced, renamed over it, and the folder synced.
 */
export async function writeAtomically(path: string, content: string, mode = 0o644): Promise<void> {
  const draft = `${path}.tmp-${process.pid}-${++drafts}`;
  try {
    const file = await open(draft, 'w', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
