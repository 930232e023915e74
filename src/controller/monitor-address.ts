import { isIP } from 'node:net';

const defaultPort = 8000;
/** A slip in a range must not make the controller knock at a whole continent. */
const largestRange = 1024;

/**
 * Reads where monitors are: `cage3.local`, `192.168.2.3:8001`, `[fd00::3]`, `https://cage3.lab`, or a
 * range of IPv4 addresses `192.168.2.1-40`. Returns each as `host:port` (with `https://` before it where
 * it was given), `mqtt:ID` of a monitor on the broker as it is, or null where the text is none of these.
 */
export function parseMonitorAddresses(text: string): string[] | null {
  if (idOnBroker(text.trim()) !== null) return [text.trim()];
  const match = /^(https?:\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+?)(?::(\d{1,5}))?\/?$/.exec(
    text.trim(),
  );
  if (match === null) return null;
  const [, scheme, host = '', portText] = match;
  const port = portText === undefined ? defaultPort : Number(portText);
  if (port < 1 || port > 65_535) return null;
  const prefix = scheme === 'https://' ? scheme : '';
  return hostsOf(host)?.map((one) => `${prefix}${one}:${port}`) ?? null;
}

function hostsOf(host: string): string[] | null {
  if (host.startsWith('[')) return isIP(host.slice(1, -1)) === 6 ? [host.toLowerCase()] : null;
  const range = /^(\d+\.\d+\.\d+\.)(\d+)-(\d+)$/.exec(host);
  if (range === null) return isNameOrAddress(host) ? [host.toLowerCase()] : null;
  const [, net = '', from, to] = range;
  const count = Number(to) - Number(from) + 1;
  if (count < 1 || count > largestRange || isIP(`${net}${Number(to)}`) !== 4) return null;
  return Array.from({ length: count }, (_, i) => `${net}${Number(from) + i}`);
}

function isNameOrAddress(host: string): boolean {
  if (/^[\d.]+$/.test(host)) return isIP(host) === 4;
  return /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(host);
}

/** The URL that calls of an address begin with. */
export function baseOf(address: string): string {
  return address.startsWith('https://') ? address : `http://${address}`;
}

/** The address of a monitor on the broker; null where no monitor can have this id. */
export function brokerAddress(id: string): string | null {
  const address = `mqtt:${id}`;
  return idOnBroker(address) === null ? null : address;
}

/** Null: it is not the address of one on the broker. No port is as long. */
export function idOnBroker(address: string): string | null {
  return /^mqtt:([A-Za-z0-9_-]{8,64})$/.exec(address)?.[1] ?? null;
}
