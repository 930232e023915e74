import { createRequire } from 'node:module';
import type * as UwsModule from 'uWebSockets.js';

export type { HttpRequest, HttpResponse, TemplatedApp, WebSocket } from 'uWebSockets.js';
export type Uws = typeof UwsModule;
export type ListenSocket = UwsModule.us_listen_socket;

/**
 * Loads uWebSockets.js. It is a binary for each processor and Node version, and not every package
 * registry holds all of them, so that a failure must say what helps.
 */
export function loadUws(): Uws {
  try {
    return createRequire(import.meta.url)('uWebSockets.js') as Uws;
  } catch (error) {
    throw new Error(
      `uWebSockets.js does not load on ${process.arch} with Node ${process.versions.node}: run ` +
        '"npm install --no-save uNetworking/uWebSockets.js#v20.51.0" in the project folder.',
      { cause: error },
    );
  }
}

/** LIBUS_LISTEN_EXCLUSIVE_PORT: a second server on a port must fail, not take half the connections. */
const exclusivePort = 1;

/** The forms of `listen` that take options; the package's type lacks the first. */
interface Listening {
  listen(host: string, port: number, options: number, done: ListenCallback): void;
  listen(port: number, options: number, done: ListenCallback): void;
}
type ListenCallback = (socket: ListenSocket | false) => void;

/** Listens on `host`, or on all interfaces (IPv4 and IPv6) where it is `all`; false: it cannot. */
export function listenExclusively(
  app: UwsModule.TemplatedApp,
  host: string,
  port: number,
): Promise<ListenSocket | false> {
  const listening = app as unknown as Listening;
  return new Promise((resolve) => {
    if (host === 'all') listening.listen(port, exclusivePort, resolve);
    else listening.listen(host, port, exclusivePort, resolve);
  });
}
