import { statfs } from 'node:fs/promises';
import { Problem } from '../../errors.js';
import type { ConvertTask } from '../tasks.js';

const everyMs = 1000;

/** The bytes of the disk that a conversion may use. */
async function roomIn(folder: string, keepFree: ConvertTask['keepFree']): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return bavail * bsize - Math.max(keepFree.bytes, (blocks * bsize * keepFree.percent) / 100);
}

/** Throws `disk-full` where the disk has no room for so many bytes more. */
export async function requireRoom(
  { folder, keepFree }: Pick<ConvertTask, 'folder' | 'keepFree'>,
  bytes: number,
): Promise<void> {
  const room = await roomIn(folder, keepFree);
  if (room >= bytes) return;
  throw new Problem(
    'disk-full',
    `It needs about ${megabytes(bytes)}, and only ${megabytes(Math.max(0, room))} can be used: ` +
      'the rest is kept for recordings. Remove recordings, or copy them elsewhere first.',
  );
}

/** Looks at the disk while the conversion runs, and aborts it before it takes a recording's room. */
export function watchRoom(task: ConvertTask, control: AbortController): () => void {
  const timer = setInterval(() => {
    requireRoom(task, 0).catch((error: unknown) => control.abort(error));
  }, everyMs);
  return () => clearInterval(timer);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
