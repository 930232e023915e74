import { execFile } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A hash that has taken the file, or its first `bytes`. */
export async function hashOfFile(path: string, bytes = Infinity): Promise<Hash> {
  const hash = createHash('sha256');
  if (bytes === 0) return hash;
  const end = Number.isFinite(bytes) ? { end: bytes - 1 } : {};
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, ...end })) {
    hash.update(chunk as Buffer);
  }
  return hash;
}

/**
 * The SHA-256 of a file as the disk has it. What was just written would else be read from memory, so the
 * kernel is asked to forget it first (coreutils' manual, "dd", oflag=nocache); where there is no dd
 * the file is read all the same.
 */
export async function sumOnDisk(path: string): Promise<string> {
  const forget = [
    `of=${path}`,
    'oflag=nocache',
    'conv=notrunc,fdatasync',
    'count=0',
    'status=none',
  ];
  await run('dd', forget).catch(() => undefined);
  return (await hashOfFile(path)).digest('hex');
}
