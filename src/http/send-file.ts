import type { FileHandle } from 'node:fs/promises';
import { Problem, toProblem } from '../errors.js';
import type { Exchange } from './exchange.js';
import { matchesTag, parseRange, type ByteRange } from './range.js';
import { problemReply, type Headers, type Reply } from './reply.js';
import type { HttpResponse } from './uws.js';

/** Read at once, and so the memory one download takes. */
const chunkBytes = 256 * 1024;

export interface Conditions {
  range: string;
  ifRange: string;
  ifNoneMatch: string;
}

/** Bytes to be read from any place: a file, or what is put together of several. */
export interface Source {
  readonly size: number;
  /** The entity tag: another where the bytes may be others. */
  readonly tag: string;
  /** Reads up to `length` bytes to the start of `buffer`; how many, 0 where no more can be had. */
  read(buffer: Uint8Array, length: number, position: number): Promise<number>;
  close(): Promise<void>;
}

/** Takes the handle over. A file that grows meanwhile is a source of the size it has now. */
export async function fileSource(file: FileHandle): Promise<Source> {
  try {
    const { size, mtimeMs } = await file.stat();
    return {
      size,
      tag: `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`,
      read: async (buffer, length, position) =>
        (await file.read(buffer, 0, length, position)).bytesRead,
      close: () => file.close(),
    };
  } catch (error) {
    await file.close().catch(() => undefined);
    throw toProblem(error);
  }
}

/** Answers with a source, or the range of it that is asked for. Takes it over and closes it. */
export async function sourceReply(
  source: Source,
  headers: Headers,
  conditions: Conditions,
): Promise<Reply<never>> {
  try {
    const { size, tag } = source;
    const all = { ETag: tag, 'Accept-Ranges': 'bytes', 'Cache-Control': 'no-cache', ...headers };
    if (conditions.ifNoneMatch !== '' && matchesTag(conditions.ifNoneMatch, tag)) {
      await source.close();
      return { status: 304, headers: all, body: null };
    }
    const current = conditions.ifRange === '' || conditions.ifRange === tag;
    const range = current ? rangeOrRefusal(conditions.range, size) : null;
    if (range instanceof Problem) {
      await source.close();
      return problemReply(range, { 'Content-Range': `bytes */${size}` });
    }
    return stream(source, all, range);
  } catch (error) {
    await source.close().catch(() => undefined);
    throw toProblem(error);
  }
}

function rangeOrRefusal(header: string, size: number): ByteRange | Problem | null {
  try {
    return parseRange(header, size);
  } catch (error) {
    return toProblem(error);
  }
}

function stream(source: Source, headers: Headers, range: ByteRange | null): Reply<never> {
  const { size } = source;
  const status = range === null ? 200 : 206;
  const { first, last } = range ?? { first: 0, last: size - 1 };
  const contentRange = range === null ? {} : { 'Content-Range': `bytes ${first}-${last}/${size}` };
  const head = { ...headers, ...contentRange };
  const length = last - first + 1;
  if (length === 0) {
    void source.close();
    return { status, headers: head, body: '' };
  }
  return {
    stream: (exchange) => {
      void sendPart(exchange, source, { status, head, first, length }).finally(() =>
        source.close(),
      );
    },
  };
}

interface Part {
  status: number;
  head: Headers;
  first: number;
  length: number;
}

async function sendPart(exchange: Exchange, source: Source, part: Part): Promise<void> {
  const { res } = exchange;
  const { status, head, first, length } = part;
  if (exchange.over) return;
  if (exchange.head) {
    res.cork(() => {
      exchange.writeHead(status, head);
      res.endWithoutBody(length);
    });
    exchange.finish();
    return;
  }
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, length));
  // One listener for all chunks: whoever waits for the socket goes on when the client has gone.
  let release = (): void => undefined;
  exchange.whenOver(() => release());
  res.cork(() => exchange.writeHead(status, head));
  for (let sent = 0; sent < length;) {
    const wanted = Math.min(buffer.length, length - sent);
    const bytesRead = await readSome(source, buffer, wanted, first + sent);
    if (isOver(exchange)) return;
    if (bytesRead === 0) {
      exchange.breakOff(); // the file is shorter than it was: its length is promised already
      return;
    }
    await new Promise<void>((resolve) => {
      release = resolve;
      sendChunk(exchange, buffer.subarray(0, bytesRead), length, resolve);
    });
    if (isOver(exchange)) return;
    sent += bytesRead;
  }
}

/** A call, for the compiler cannot know that it changes while one awaits. */
const isOver = (exchange: Exchange): boolean => exchange.over;

async function readSome(source: Source, buffer: Buffer, length: number, position: number) {
  return source.read(buffer, length, position).catch(() => 0);
}

/** Calls `taken` once the socket has taken the whole chunk. */
function sendChunk(exchange: Exchange, chunk: Uint8Array, total: number, taken: () => void): void {
  const { res } = exchange;
  const start = res.getWriteOffset();
  const attempt = (offset: number): boolean => {
    const { ok, done } = tryEnd(res, chunk.subarray(offset - start), total);
    if (done) exchange.finish();
    if (ok || done) taken();
    return ok || done;
  };
  if (attempt(start)) return;
  res.onWritable((offset) => exchange.over || attempt(offset));
}

function tryEnd(res: HttpResponse, chunk: Uint8Array, total: number) {
  const result = { ok: false, done: false };
  res.cork(() => {
    [result.ok, result.done] = res.tryEnd(chunk, total);
  });
  return result;
}
