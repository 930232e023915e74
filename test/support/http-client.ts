import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import WebSocket from 'ws';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  /** The body as JSON; fails where it is none. */
  json: () => Record<string, unknown>;
}

export interface Sending {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
}

/** Speaks HTTP to a server on loopback, with any header and any path, also wrong ones. */
export class HttpClient {
  /** `always`: headers of every request. */
  constructor(
    readonly port: number,
    private readonly always: Record<string, string> = {},
  ) {}

  /** The same client with these headers on every request. */
  with(always: Record<string, string>): HttpClient {
    return new HttpClient(this.port, always);
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    const { body, raw } = sending;
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const headers = {
      ...this.always,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(content !== undefined && { 'Content-Length': Buffer.byteLength(content) }),
      ...sending.headers,
    };
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, method, path, headers, agent: false };
      const request = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            json: () => JSON.parse(bytes.toString()) as Record<string, unknown>,
          });
        });
      });
      request.on('error', reject);
      request.end(content);
    });
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, { headers });
  }

  /** GETs what may have no end: of a good answer the head, after which it leaves; a problem whole. */
  begin(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, path, agent: false };
      const all = { ...this.always, ...headers };
      const request = httpRequest({ ...options, headers: all }, (response) => {
        const chunks: Buffer[] = [];
        const { headers, statusCode: status = 0 } = response;
        const done = (): void => {
          const bytes = Buffer.concat(chunks);
          resolve({ status, headers, bytes, json: () => ({}) });
        };
        if (status < 400) {
          done();
          request.destroy();
          return;
        }
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', done);
      });
      request.on('error', reject);
      request.end();
    });
  }

  /** A WebSocket; `ws` reports a refused upgrade as an error with the status. */
  socket(path: string, headers: Record<string, string> = {}): WebSocket {
    const all = { ...this.always, ...headers };
    return new WebSocket(`ws://${this.host}${path}`, { headers: all, perMessageDeflate: false });
  }
}

/** The close code of a socket. */
export function closeOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.on('close', (code) => resolve(code)));
}
