import { createHash } from 'node:crypto';
import type { Source } from './send-file.js';

/** One file of an archive. */
export interface TarEntry {
  /** `RECORDING/FILE`. */
  path: string;
  /** The archive is of so many bytes of it; one that is shorter by then breaks it off. */
  bytes: number;
  /** Seconds since 1970. */
  modified: number;
  /** Opens what is read of it; it is closed again before the next is opened. */
  open: () => Promise<EntryReader>;
}

export interface EntryReader {
  /** As `Source.read`. */
  read: (buffer: Uint8Array, length: number, position: number) => Promise<number>;
  close: () => Promise<void>;
}

const block = 512;
/** The fields of a header are octal digits: a larger file needs a record of its own. */
const mostOctalBytes = 8 ** 11 - 1;

interface Part {
  at: number;
  bytes: number;
  content: Buffer | TarEntry;
}

/**
 * A tar archive (POSIX.1-2001) that exists nowhere: each read makes the part that is asked for. So its
 * length is known beforehand, and a download that broke off can be taken up again.
 */
export class Tar implements Source {
  readonly size: number;
  readonly tag: string;
  private readonly parts: Part[] = [];
  private opened: { entry: TarEntry; reader: EntryReader } | null = null;

  constructor(entries: readonly TarEntry[]) {
    let at = 0;
    const add = (content: Part['content'], bytes: number): void => {
      if (bytes > 0) this.parts.push({ at, bytes, content });
      at += bytes;
    };
    for (const entry of entries) {
      const header = headersOf(entry);
      add(header, header.length);
      add(entry, entry.bytes);
      add(zeros, padding(entry.bytes));
    }
    add(zeros, 2 * block);
    this.size = at;
    const hash = createHash('sha256');
    for (const { path, bytes, modified } of entries) hash.update(`${path} ${bytes} ${modified}\n`);
    this.tag = `"${hash.digest('base64url').slice(0, 22)}"`;
  }

  async read(buffer: Uint8Array, length: number, position: number): Promise<number> {
    const part = this.partAt(position);
    if (part === undefined) return 0;
    const { at, bytes, content } = part;
    const wanted = Math.min(length, at + bytes - position);
    if (Buffer.isBuffer(content)) {
      return content.copy(buffer, 0, position - at, position - at + wanted);
    }
    const { reader } = await this.openEntry(content);
    return reader.read(buffer, wanted, position - at);
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    await opened?.reader.close();
  }

  private async openEntry(entry: TarEntry): Promise<{ reader: EntryReader }> {
    if (this.opened?.entry === entry) return this.opened;
    await this.close();
    this.opened = { entry, reader: await entry.open() };
    return this.opened;
  }

  /** By halving: there may be thousands. */
  private partAt(position: number): Part | undefined {
    let low = 0;
    let high = this.parts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.parts[middle]?.at ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    const found = this.parts[low];
    return found !== undefined && position < found.at + found.bytes ? found : undefined;
  }
}

/** Enough for the end and for what fills up a block. */
const zeros = Buffer.alloc(2 * block);

function padding(bytes: number): number {
  return (block - (bytes % block)) % block;
}

function headersOf({ path, bytes, modified }: TarEntry): Buffer {
  const split = splitPath(path);
  const records = [
    ...(split === null ? [record('path', path)] : []),
    ...(bytes > mostOctalBytes ? [record('size', String(bytes))] : []),
  ];
  // Readers that do not know the records get what fits.
  const own = header(split ?? { prefix: '', name: path.slice(-100) }, {
    bytes: Math.min(bytes, mostOctalBytes),
    modified,
    type: '0',
  });
  if (records.length === 0) return own;
  const content = Buffer.from(records.join(''));
  const extended = header(
    { prefix: '', name: 'PaxHeader' },
    { bytes: content.length, modified, type: 'x' },
  );
  return Buffer.concat([extended, content, zeros.subarray(0, padding(content.length)), own]);
}

interface SplitPath {
  prefix: string;
  name: string;
}

/** As a header holds it: a prefix of 155 bytes, a name of 100; null where that is too little. */
function splitPath(path: string): SplitPath | null {
  if (path.length <= 100) return { prefix: '', name: path };
  const slash = path.indexOf('/');
  const prefix = path.slice(0, Math.max(0, slash));
  const name = path.slice(slash + 1);
  return slash > 0 && prefix.length <= 155 && name.length <= 100 ? { prefix, name } : null;
}

/** `LENGTH key=value\n`, where the length counts its own digits. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length++;
  return `${length}${rest}`;
}

function header(
  { prefix, name }: SplitPath,
  { bytes, modified, type }: { bytes: number; modified: number; type: '0' | 'x' },
): Buffer {
  const bytesOf = Buffer.alloc(block);
  const octal = (value: number, at: number, digits: number): number =>
    bytesOf.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  bytesOf.write(name, 0, 100, 'latin1');
  octal(0o644, 100, 7);
  octal(0, 108, 7); // nobody's: whoever unpacks it owns it
  octal(0, 116, 7);
  octal(bytes, 124, 11);
  octal(Math.max(0, Math.floor(modified)), 136, 11);
  bytesOf.write(type, 156, 'latin1');
  bytesOf.write('ustar\x0000', 257, 'latin1');
  bytesOf.write(prefix, 345, 155, 'latin1');
  bytesOf.fill(' ', 148, 156); // the sum is made as if its own field were blank
  const sum = bytesOf.reduce((total, byte) => total + byte, 0);
  bytesOf.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytesOf;
}
