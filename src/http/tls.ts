import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Config } from '../config/schema.js';
import { expandHome } from '../config/store.js';
import { Problem } from '../errors.js';
import type { TemplatedApp, Uws } from './uws.js';

/**
 * An app for plain HTTP or, where the settings name a certificate, for TLS. Throws a Problem where
 * the files cannot be used; uWebSockets.js itself would only fail to listen.
 */
export function createApp(
  uws: Uws,
  { tls }: Config['server'],
): { app: TemplatedApp; scheme: 'http' | 'https' } {
  if (tls.cert === '' && tls.key === '') return { app: uws.App(), scheme: 'http' };
  const cert = expandHome(tls.cert);
  const key = expandHome(tls.key);
  try {
    createSecureContext({ cert: readFileSync(cert), key: readFileSync(key) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const detail = `server.tls names a certificate (${cert}) and a key (${key}) that cannot be used: ${why}`;
    throw new Problem('invalid-value', detail, 'server.tls');
  }
  return { app: uws.SSLApp({ cert_file_name: cert, key_file_name: key }), scheme: 'https' };
}
