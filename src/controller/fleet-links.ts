import { isConflict } from './conflict.js';
import { LinksById } from './links-by-id.js';
import type { MonitorLink } from './monitor-link.js';

/** The ways to the monitors of a fleet: a link for each address where one is, was seen, or may be. */
export class FleetLinks {
  private readonly links = new Map<string, MonitorLink>();
  /** By the id that answered last at their addresses. */
  private readonly byId = new LinksById();
  /** By the id that is claimed and not proved at their addresses. */
  private readonly pretenders = new LinksById();
  /** Where each was seen last that is not at its address. */
  private readonly sightings = new Map<string, string>();
  private running = false;

  constructor(private readonly make: (address: string) => MonitorLink) {}

  /** From now on links are started as they are made. */
  start(): void {
    this.running = true;
  }

  stop(): void {
    this.running = false;
    for (const link of this.links.values()) link.stop();
  }

  /** The link to an address, made where there is none. */
  to(address: string): MonitorLink {
    const known = this.links.get(address);
    if (known !== undefined) return known;
    const link = this.make(address);
    this.links.set(address, link);
    if (this.running) link.start();
    return link;
  }

  /** The id that answered last at an address. */
  idAt(address: string): string | undefined {
    return this.links.get(address)?.heard?.status.id;
  }

  /** Whether `id` answers at an address, or nobody knows yet: it was given just now, and is not tried. */
  mayAnswerAs(address: string, id: string): boolean {
    const link = this.links.get(address);
    if (link === undefined) return false;
    const untried = link.kind === 'http' && link.heard === null && link.problem === null;
    return untried || (link.reachable && link.heard?.status.id === id);
  }

  /** Notes who is, or claims to be, at the other end of a link that has changed. */
  file(link: MonitorLink): void {
    this.pretenders.file(link, link.problem?.code === 'unproved' ? link.pretended : null);
    const id = link.heard?.status.id;
    if (id !== undefined && link.reachable) this.byId.file(link, id);
  }

  /** Looks for `id` at an address as well; the last one only: anyone can announce anything. */
  sighted(id: string, address: string): void {
    this.sightings.set(id, address);
    this.to(address);
  }

  /** It is where it belongs, or gone: it is not looked for elsewhere. */
  found(id: string): void {
    this.sightings.delete(id);
  }

  /** Whether two machines answer as `id`, and the addresses of those that cannot prove it. */
  claimsTo(id: string): { conflict: boolean; unproved: string[] } {
    const unproved = this.pretenders.get(id).map(({ address }) => address);
    return { conflict: isConflict(this.byId.get(id)), unproved };
  }

  /** Ends those at addresses that are not `used`, where none was seen last, and that answer as no member. */
  dropUnused(used: (address: string) => boolean, isMember: (id: string) => boolean): void {
    const seen = new Set(this.sightings.values());
    for (const [address, link] of this.links) {
      const id = link.heard?.status.id;
      const answers = link.reachable && id !== undefined && isMember(id);
      if (used(address) || seen.has(address) || answers) continue;
      link.stop();
      this.byId.file(link, null);
      this.pretenders.file(link, null);
      this.links.delete(address);
    }
  }
}
