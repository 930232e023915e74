import { contains, unmapped, type Network } from './addresses.js';
import type { Caller } from './guard.js';

/** This machine's address in the Wi-Fi it makes itself, as services/access-point.sh sets it. */
const ownAddress = '10.42.0.1';
const ownBytes = ownAddress.split('.').map(Number);

/** Thrown instead of a refusal: the caller belongs on the page, at this address. */
export class LedToPage extends Error {
  constructor(readonly origin: string) {
    super(`The page is at ${origin}.`);
  }
}

/**
 * In the access point every name leads to this machine, and a phone that has joined asks for a page
 * of its maker's to see whether there is an internet. The origin it is to be sent to instead, so
 * that it shows the page; null for requests that are nothing of the kind.
 */
export function accessPointOrigin(
  caller: Caller,
  ownNetworks: readonly Network[],
  server: { scheme: string; port: number },
): string | null {
  if (caller.method !== 'GET' || caller.upgrade) return null;
  const peer = unmapped(caller.peer);
  const isAccessPoint = ({ base }: Network): boolean =>
    base.length === ownBytes.length && ownBytes.every((byte, i) => base[i] === byte);
  const joined = ownNetworks.some((own) => isAccessPoint(own) && contains(own, peer));
  return joined ? `${server.scheme}://${ownAddress}:${server.port}` : null;
}
