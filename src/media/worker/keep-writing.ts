import { open } from 'node:fs/promises';

const everyMs = 500;

/**
 * Has what is written to these files go to the disk bit by bit: gigabytes that the kernel sends all
 * at once would hold up a recording that runs. Returns how to end it.
 */
export function keepWriting(paths: readonly string[]): () => void {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void Promise.all(paths.map(sync)).finally(() => (busy = false));
  }, everyMs);
  return () => clearInterval(timer);
}

/** A file that is not there (yet) has nothing to be written; a disk that fails tells the writer. */
async function sync(path: string): Promise<void> {
  const file = await open(path, 'r').catch(() => null);
  await file?.datasync().catch(() => undefined);
  await file?.close().catch(() => undefined);
}
