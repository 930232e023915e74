import { networkInterfaces } from 'node:os';
import { parseNetwork, type Network } from './addresses.js';

/** How long a list is believed: an address that has just come is known this much later. */
const believedMs = 3000;

let known: readonly Network[] = [];
let readAtMs = -Infinity;

/** The prefixes of this machine's own interfaces, as they are now. */
export function ownNetworks(nowMs = performance.now()): readonly Network[] {
  if (nowMs - readAtMs < believedMs) return known;
  readAtMs = nowMs;
  known = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ cidr }) => (cidr === null ? [] : (parseNetwork(cidr) ?? [])));
  return known;
}
