import { TooManyTries } from '../access/gate.js';
import type { Problem } from '../errors.js';
import type { Exchange } from './exchange.js';
import { MethodNotAllowed } from './router.js';

export type Headers = Record<string, string>;

/** A whole answer. `T`: what its JSON holds; of anything but JSON, never. */
export interface WholeReply<T = never> {
  status: number;
  headers: Headers;
  /** Null: no body at all, as 204 and 304 want it. */
  body: string | Uint8Array | null;
  /** Carries the type only. */
  readonly holds?: T;
}

/** An answer that writes itself over time. It is called once, perhaps after the client has gone. */
export interface StreamReply {
  stream: (exchange: Exchange) => void;
}

export type Reply<T = unknown> = WholeReply<T> | StreamReply;

/** Answers of the API are of this moment. */
const noStore = { 'Cache-Control': 'no-store' };

export function json<T>(value: T, status = 200): WholeReply<T> {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', ...noStore };
  return { status, headers, body: JSON.stringify(value) };
}

export function page(text: string): WholeReply {
  const headers = { 'Content-Type': 'text/html; charset=utf-8', ...noStore };
  return { status: 200, headers, body: text };
}

export function text(body: string, type: string): WholeReply {
  const headers = { 'Content-Type': type, ...noStore };
  return { status: 200, headers, body };
}

export function noContent(): WholeReply {
  return { status: 204, headers: noStore, body: null };
}

export function redirect(location: string): WholeReply {
  return { status: 302, headers: { Location: location, ...noStore }, body: '' };
}

export function jpeg(bytes: Uint8Array): WholeReply {
  return { status: 200, headers: { 'Content-Type': 'image/jpeg', ...noStore }, body: bytes };
}

export function problemReply(problem: Problem, headers: Headers = {}): WholeReply {
  const type = { 'Content-Type': 'application/problem+json' };
  return {
    status: problem.status,
    headers: { ...type, ...noStore, ...headersOf(problem), ...headers },
    body: JSON.stringify(problem),
  };
}

/** What a header says of a problem, for clients that know HTTP only. */
function headersOf(problem: Problem): Headers {
  if (problem instanceof MethodNotAllowed) return { Allow: problem.allow };
  if (problem instanceof TooManyTries) return { 'Retry-After': String(problem.waitS) };
  return problem.code === 'unauthorised' ? { 'WWW-Authenticate': 'Bearer' } : {};
}
