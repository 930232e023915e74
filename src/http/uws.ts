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

/** Do not share the port: a second server on it must fail, not take half the connections. */
const exclusivePort = 1;

type Listen = (
  host: string,
  port: number,
  options: number,
  done: (socket: ListenSocket | false) => void,
) => void;

/** Listens on `host`, or on all interfaces (IPv4 and IPv6) where it is `all`; false: it cannot. */
export function listenExclusively(
  app: UwsModule.TemplatedApp,
  host: string,
  port: number,
): Promise<ListenSocket | false> {
  return new Promise((resolve) => {
    if (host === 'all') app.listen(port, exclusivePort, resolve);
    // The type lacks this form, which takes the options too.
    else (app.listen.bind(app) as unknown as Listen)(host, port, exclusivePort, resolve);
  });
}
