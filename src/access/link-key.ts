import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { tokenHash } from './token.js';

/**
 * What two machines derive of a token that both know, so that each shows the other that it knows it, and
 * the token itself never goes over the wire. Pure; README.md of src/controller has the design.
 */
export interface LinkKey {
  /** Names the key without telling anything of it. */
  name: string;
  key: Buffer;
}

/** `hash` is the token's, as the monitor keeps it. */
export function linkKey(hash: string): LinkKey {
  const derive = (use: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', Buffer.from(hash, 'base64url'), '', `pi-monitor ${use}`, bytes));
  return { name: derive('key name', 12).toString('base64url'), key: derive('link', 32) };
}

export function linkKeyOfToken(secret: string): LinkKey {
  return linkKey(tokenHash(secret));
}

/** The beginning of a session: each side's random text makes it another than all before. */
export interface Hello {
  /** The caller's. */
  nonce: string;
  /** The server's, and the name of the session. */
  session: string;
}

/** Shows that the server knows the key, and that it does so now. */
export function proofOf(key: Buffer, { nonce, session }: Hello): string {
  return mac(key, 'proof', nonce, session);
}

/** Signs what is said in this session. */
export function sessionKey(key: Buffer, { nonce, session }: Hello): Buffer {
  return Buffer.from(mac(key, 'session', nonce, session), 'base64url');
}

/** All of a request that decides what it does. */
export interface RequestLine {
  method: string;
  /** The path with the query, as it is sent. */
  target: string;
  /** The headers Pi-Monitor-Role and Idempotency-Key; empty where absent. */
  role: string;
  idempotencyKey: string;
}

/** `counter` grows with each request of a session: none is taken twice. `content`: contentHash of the body. */
export function signRequest(
  key: Buffer,
  counter: number,
  { method, target, role, idempotencyKey }: RequestLine,
  content: string,
): string {
  const said = [method, target, role, idempotencyKey, content];
  return mac(key, 'request', String(counter), ...said);
}

/** `counter` is the request's. `content`: contentHash of the body, or `stream` where it is not known yet. */
export function signAnswer(key: Buffer, counter: number, status: number, content: string): string {
  return mac(key, 'answer', String(counter), String(status), content);
}

/** Empty for no body. */
export function contentHash(body: string | Uint8Array | null): string {
  if (body === null || body.length === 0) return '';
  return createHash('sha256').update(body).digest('base64url');
}

export function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function mac(key: Buffer, use: string, ...parts: string[]): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([use, ...parts])) // no two lists read the same
    .digest('base64url');
}
