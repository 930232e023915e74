import { isIP } from 'node:net';
import type { Headers } from './reply.js';

/** What a browser must not do with an answer. */
const everywhere: Headers = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy':
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; " +
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
};

/** Thirty days: a machine that loses its certificate is to be reached again some day. */
const onlyTls = { 'Strict-Transport-Security': 'max-age=2592000' };

/**
 * On every answer. With TLS a browser is asked to keep to it, but not for an address: another
 * machine may have that tomorrow.
 */
export function securityHeaders(scheme: 'http' | 'https', host: string): Headers {
  const isName = !host.startsWith('[') && isIP(host.replace(/:\d+$/, '')) === 0;
  return scheme === 'https' && isName ? { ...everywhere, ...onlyTls } : everywhere;
}
