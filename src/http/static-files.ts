import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { matchesTag } from './range.js';
import type { WholeReply } from './reply.js';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

interface StaticFile {
  bytes: Buffer;
  type: string;
  tag: string;
}

/** The built page with its scripts: small, so it is kept in memory from the start on. */
export class StaticFiles {
  private constructor(private readonly files: ReadonlyMap<string, StaticFile>) {}

  /** Reads a folder with all below it; none where the folder is missing. */
  static async load(folder: string): Promise<StaticFiles> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = new Map<string, StaticFile>();
    for (const entry of entries) {
      const type = types[extname(entry.name)];
      if (!entry.isFile() || type === undefined) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = await readFile(path);
      const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
      files.set(`/${relative(folder, path).split(sep).join('/')}`, { bytes, type, tag });
    }
    return new StaticFiles(files);
  }

  get isEmpty(): boolean {
    return this.files.size === 0;
  }

  /** The answer for a path, or null. The browser asks each time, and is told where nothing changed. */
  reply(path: string, ifNoneMatch: string): WholeReply | null {
    const file = this.files.get(path);
    if (file === undefined) return null;
    const headers = { 'Content-Type': file.type, ETag: file.tag, 'Cache-Control': 'no-cache' };
    if (ifNoneMatch !== '' && matchesTag(ifNoneMatch, file.tag)) {
      return { status: 304, headers, body: null };
    }
    return { status: 200, headers, body: file.bytes };
  }
}
