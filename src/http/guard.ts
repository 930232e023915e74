import { isIP } from 'node:net';
import { contains, formatAddress, parseNetwork, unmapped, type Network } from './addresses.js';
import { Problem } from '../errors.js';

/** What the guard looks at of a request. Forwarding headers are not among it: anyone can write them. */
export interface Caller {
  /** The socket's peer, as the kernel gives it. */
  peer: Uint8Array;
  /** The headers, empty where absent. */
  host: string;
  origin: string;
  method: string;
  upgrade: boolean;
}

export interface GuardPolicy {
  scheme: 'http' | 'https';
  /** This machine's own prefixes, see own-networks.ts. */
  ownNetworks: readonly Network[];
  allowFrom: readonly Network[];
  /** This machine's name as the system has it. */
  ownName: string;
  hostNames: readonly string[];
}

/** Loopback, link-local, and private addresses: RFC 1122, 3927, 1918; RFC 4291, 4193. */
const privateNetworks = [
  '127.0.0.0/8',
  '169.254.0.0/16',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1',
  'fe80::/10',
  'fc00::/7',
].map((text) => parseNetwork(text) as Network);

/**
 * Decides whether a request is served: null, or why not.
 * Peer: who may speak to a server that asks for no password. Host: a page of another site whose
 * name was pointed at this machine (DNS rebinding) is not this machine's. Origin: another site's
 * page may not act here through a visitor's browser.
 */
export function guard(caller: Caller, policy: GuardPolicy): Problem | null {
  const peer = unmapped(caller.peer);
  if (!isServedPeer(peer, policy)) {
    const who = formatAddress(peer);
    return new Problem(
      'forbidden-address',
      `${who} is outside the served networks: add it to server.allowFrom in the configuration file.`,
    );
  }
  if (!isOwnHost(caller.host, policy)) {
    return new Problem(
      'forbidden-host',
      "Use this machine's address, its name or its name with .local, " +
        'or add the name to server.hostNames in the configuration file.',
    );
  }
  const changes = caller.method !== 'GET' || caller.upgrade;
  if (changes && !isSameOrigin(caller, policy)) {
    return new Problem('forbidden-origin', 'Open the page on this machine itself to do this.');
  }
  return null;
}

function isServedPeer(peer: Uint8Array, policy: GuardPolicy): boolean {
  const served = (network: Network): boolean => contains(network, peer);
  return (
    privateNetworks.some(served) || policy.ownNetworks.some(served) || policy.allowFrom.some(served)
  );
}

/** `host` may carry a port; an IPv6 literal is in brackets. */
function isOwnHost(host: string, policy: GuardPolicy): boolean {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(host);
  if (match === null) return false;
  const literal = match[1];
  if (literal !== undefined) return isIP(literal) === 6;
  const name = plainName(match[2] ?? '');
  if (isIP(name) === 4 || name === 'localhost') return true;
  const own = plainName(policy.ownName);
  const bare = own.split('.')[0] ?? own;
  if (own !== '' && [own, bare, `${bare}.local`].includes(name)) return true;
  return policy.hostNames.some((allowed) => plainName(allowed) === name);
}

/** Names compare without case and without the dot that may end them. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function isSameOrigin(caller: Caller, policy: GuardPolicy): boolean {
  if (caller.origin === '') return true;
  return caller.origin.toLowerCase() === `${policy.scheme}://${caller.host.toLowerCase()}`;
}
