import { networkInterfaces } from 'node:os';
import { parseNetwork, type Network } from './addresses.js';

/** How long a list is believed; shortly only before somebody is refused by it. */
const believedMs = { usually: 3000, refusal: 100 };

/** The prefixes of this machine's own interfaces. */
export class OwnNetworks {
  private known: readonly Network[] = [];
  private readAtMs = -Infinity;

  constructor(
    private readonly interfaces: () => NodeJS.Dict<{ cidr: string | null }[]> = networkInterfaces,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /**
   * As they are now or were a moment ago. `before: 'refusal'`: an address that has just come, such as
   * the access point's, is known; whoever is refused again and again still costs next to nothing.
   */
  list(before: keyof typeof believedMs = 'usually'): readonly Network[] {
    const nowMs = this.nowMs();
    if (nowMs - this.readAtMs < believedMs[before]) return this.known;
    this.readAtMs = nowMs;
    this.known = Object.values(this.interfaces())
      .flatMap((addresses) => addresses ?? [])
      .flatMap(({ cidr }) => (cidr === null ? [] : (parseNetwork(cidr) ?? [])));
    return this.known;
  }
}
