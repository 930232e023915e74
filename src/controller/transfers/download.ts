import { open, stat, type FileHandle } from 'node:fs/promises';
import { Problem } from '../../errors.js';
import { readAnswer } from '../api-answer.js';
import type { ApiCaller } from '../api-caller.js';
import { hashOfFile } from './checksum.js';
import type { Rate } from './rate.js';

/** Without a byte for this long a connection is given up; the next one goes on from where it was. */
const stalledMs = 10_000;
/** So often the disk is made to take what came: all of it at the end would keep the link idle for long. */
const syncEveryBytes = 8 * 1024 * 1024;

export interface DownloadParts {
  http: ApiCaller;
  /** On the monitor. */
  path: string;
  /** Where the bytes go; what is there already is not asked for again. */
  part: string;
  totalBytes: number;
  rate: Rate;
  signal: AbortSignal;
  onBytes: (count: number) => void;
}

/**
 * Brings a file to the disk, from where an earlier attempt has left it, and syncs it. Returns the
 * SHA-256 of what was received. Throws `unreachable` where the connection breaks off.
 */
export async function download(parts: DownloadParts): Promise<string> {
  const { part, totalBytes } = parts;
  const there = await sizeOf(part);
  const begin = there > totalBytes ? 0 : there;
  const hash = await hashOfFile(part, begin);
  const file = await open(part, begin === 0 ? 'w' : 'r+');
  try {
    parts.onBytes(begin);
    if (begin < totalBytes) {
      await receive(parts, file, begin, (chunk) => hash.update(chunk));
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function receive(
  parts: DownloadParts,
  file: FileHandle,
  begin: number,
  onChunk: (chunk: Buffer) => void,
): Promise<void> {
  const { http, path, rate, totalBytes } = parts;
  const stalled = new AbortController();
  const watch = setTimeout(() => stalled.abort(), stalledMs);
  try {
    const response = await http.open(
      { method: 'GET', path, headers: { Range: `bytes=${begin}-` } },
      AbortSignal.any([parts.signal, stalled.signal]),
    );
    if (response.statusCode !== 206) {
      response.resume();
      readAnswer({ status: response.statusCode ?? 0, body: Buffer.alloc(0) });
      throw new Problem('unreachable', 'It does not send parts of files.');
    }
    let position = begin;
    let synced = begin;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      watch.refresh();
      if (position + chunk.length > totalBytes) break; // it grew: the certificate decides
      await file.write(chunk, 0, chunk.length, position);
      onChunk(chunk);
      position += chunk.length;
      parts.onBytes(position);
      if (position - synced >= syncEveryBytes) {
        await file.datasync();
        synced = position;
      }
      await rate.take(chunk.length);
      watch.refresh(); // the time it waited for its share is not the link's
    }
    if (position < totalBytes) throw new Error('the connection broke off');
  } catch (error) {
    if (error instanceof Problem || isOfDisk(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new Problem('unreachable', `${http.address}: ${why}.`, null, { cause: error });
  } finally {
    clearTimeout(watch);
  }
}

/** What the disk says of a write; a link never fails with these. */
function isOfDisk(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS'].includes(code);
}

export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
