import { networkInterfaces } from 'node:os';
import { isIPv6 } from 'node:net';
import type { Config } from '../config/schema.js';

/**
 * Where others find this monitor's own server, as `host:port`, `https://` before it where it has a
 * certificate: the address it listens on, else the one from which the broker is reached.
 */
export function ownAddress(
  { host, tls }: Config['server'],
  port: number,
  localAddress: string | null,
): string {
  const where = host === 'all' ? (fromOutside(localAddress) ?? 'localhost') : host;
  const scheme = tls.cert === '' ? '' : 'https://';
  return `${scheme}${isIPv6(where) ? `[${where}]` : where}:${port}`;
}

/** A broker on this machine itself sees loopback, which nobody else can use. */
function fromOutside(localAddress: string | null): string | null {
  const plain = localAddress?.replace(/^::ffff:/, '') ?? null;
  if (plain !== null && plain !== '::1' && !plain.startsWith('127.')) return plain;
  const others = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return others.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? plain;
}
