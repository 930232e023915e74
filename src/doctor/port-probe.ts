import { readdir, readFile, readlink } from 'node:fs/promises';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { createServer } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Config } from '../config/schema.js';
import { isJsonObject, type JsonObject } from '../config/merge-patch.js';

type Address = Config['server'];

/** Listens for a moment. Null where that works, else the system's code. */
export function tryToListen({ port, host }: Address): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, ...(host === 'all' ? {} : { host }) }, () => {
      server.close(() => resolve(null));
    });
  });
}

/** The monitor that answers there, or null. */
export async function monitorAt({ port, host, tls }: Address): Promise<{
  host: string;
  state: string;
} | null> {
  if (port === 0) return null;
  const name = host === 'all' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  try {
    const base = `${tls.cert === '' ? 'http' : 'https'}://${name}:${port}`;
    const status = await askedFor(`${base}/api/v1/status`);
    if (status['code'] === 'unauthorised') {
      const { state } = await askedFor(`${base}/healthz`); // for anyone
      return { host: 'with a password', state: typeof state === 'string' ? state : 'unwell' };
    }
    const { host: machine, state } = status;
    return typeof machine === 'string' && typeof state === 'string'
      ? { host: machine, state }
      : null;
  } catch {
    return null;
  }
}

/** Whose certificate it is does not matter: nothing secret is sent, and it is this machine. */
function askedFor(url: string): Promise<JsonObject> {
  const get = url.startsWith('https:') ? httpsGet : httpGet;
  const options = { signal: AbortSignal.timeout(1000), rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const request = get(url, options, (response) => {
      json(response).then((answer) => resolve(isJsonObject(answer) ? answer : {}), reject);
    });
    request.on('error', reject);
  });
}

/** Who listens on a TCP port, as far as this user may see it: `python3 (process 1234)`. */
export async function listenerOn(port: number): Promise<string | null> {
  const sockets = new Set((await listeningInodes(port)).map((inode) => `socket:[${inode}]`));
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const id of processes) {
    const handles = await readdir(`/proc/${id}/fd`).catch(() => []);
    for (const handle of handles) {
      const target = await readlink(`/proc/${id}/fd/${handle}`).catch(() => '');
      if (!sockets.has(target)) continue;
      const name = await readFile(`/proc/${id}/comm`, 'utf8').catch(() => 'a program');
      return `${name.trim()} (process ${id})`;
    }
  }
  return null;
}

/** Columns of /proc/net/tcp: local address, state (0A listens), inode (proc(5)). */
async function listeningInodes(port: number): Promise<string[]> {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  return tables
    .flatMap((table) => table.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(ending) && columns[3] === '0A')
    .flatMap((columns) => columns[9] ?? []);
}
