import { Problem } from '../errors.js';
import { parseMonitorAddresses } from './monitor-address.js';
import type { MonitorLink } from './monitor-link.js';
import type { Entry, FleetFile } from './fleet-file.js';
import { FleetLinks } from './fleet-links.js';
import { Member } from './member.js';
import type { MonitorPatch, MonitorView, Targets } from './shapes.js';

export interface FleetParts {
  file: FleetFile;
  /** From the configuration: always part of the fleet. */
  listed: readonly string[];
  makeLink: (options: {
    address: string;
    tokenFor: (claimed: string | null) => string | null;
    onChange: (link: MonitorLink) => void;
  }) => MonitorLink;
  onChange: (id: string) => void;
  onTrouble: (error: unknown) => void;
}

/**
 * Who belongs to the fleet, where, and with which token. A monitor is its id, not its address: a link tells
 * which id answers at an address, and the entry of that id goes there with it. An entry whose address
 * nobody ever answered at is a guess, `@ADDRESS`, until somebody does.
 */
export class Fleet {
  private readonly entries = new Map<string, Entry>();
  private readonly links: FleetLinks;
  private readonly listed: ReadonlySet<string>;
  private tokens = new Map<string, string>();
  private nextNumber = 1;

  constructor(private readonly parts: FleetParts) {
    this.links = new FleetLinks((address) => this.makeLink(address));
    this.listed = new Set(parts.listed.flatMap((text) => parseMonitorAddresses(text) ?? []));
  }

  async start(): Promise<void> {
    const { kept, tokens } = await this.parts.file.load();
    this.nextNumber = kept.nextNumber;
    this.tokens = tokens;
    for (const entry of kept.monitors) this.entries.set(entry.id, entry);
    this.links.start();
    for (const address of this.listed) this.expect(address);
    for (const { address } of this.entries.values()) this.links.to(address);
  }

  stop(): void {
    this.links.stop();
  }

  /** In the order in which they came. */
  members(): Member[] {
    return [...this.entries.values()]
      .sort((a, b) => a.number - b.number)
      .map((entry) => this.memberOf(entry));
  }

  views(): MonitorView[] {
    return this.members().map((member) => this.viewOf(member));
  }

  view(id: string): MonitorView {
    return this.viewOf(this.get(id));
  }

  private viewOf(member: Member): MonitorView {
    return member.view(this.tokens.has(member.id));
  }

  /** Throws `not-found`. */
  get(id: string): Member {
    return this.memberOf(this.entryOf(id));
  }

  private entryOf(id: string): Entry {
    // What was asked of a guess holds for who has answered there since.
    const entry =
      this.entries.get(id) ?? (id.startsWith('@') ? this.entryAt(id.slice(1)) : undefined);
    if (entry === undefined)
      throw new Problem('not-found', `There is no monitor ${id.slice(0, 200)}.`);
    return entry;
  }

  /** Ids and groups, each member once. Throws `not-found` naming what is neither. */
  targets(targets: Targets): Member[] {
    if (targets === 'all') return this.members();
    const chosen = new Set<string>();
    for (const target of targets) {
      const ids = this.entries.has(target) ? [target] : this.idsOfGroup(target);
      if (ids.length === 0)
        throw new Problem('not-found', `There is no monitor or group ${target}.`, 'targets');
      for (const id of ids) chosen.add(id);
    }
    return [...chosen].map((id) => this.get(id));
  }

  private idsOfGroup(group: string): string[] {
    return [...this.entries.values()]
      .filter(({ groups }) => groups.includes(group))
      .map(({ id }) => id);
  }

  /** Adds an address or a range of them; what is there already stays as it is. Returns the addresses. */
  async add(text: string, given: Pick<Partial<Entry>, 'name' | 'groups'>): Promise<string[]> {
    const addresses = parseMonitorAddresses(text) ?? [];
    for (const address of addresses) {
      const entry = this.expect(address);
      entry.name = given.name ?? entry.name;
      entry.groups = given.groups ?? entry.groups;
    }
    await this.save();
    return addresses;
  }

  /** The monitor at an address, or the guess that stands for it. */
  at(address: string): Member | null {
    const entry = this.entryAt(address);
    return entry === undefined ? null : this.memberOf(entry);
  }

  private entryAt(address: string): Entry | undefined {
    const heard = this.links.idAt(address);
    const known = heard === undefined ? undefined : this.entries.get(heard);
    return known ?? [...this.entries.values()].find((one) => one.address === address);
  }

  async patch(id: string, patch: MonitorPatch): Promise<void> {
    const entry = this.entryOf(id);
    if (patch.token !== undefined) await this.setToken(id, patch.token);
    if (patch.name !== undefined) entry.name = patch.name;
    if (patch.groups !== undefined) entry.groups = patch.groups;
    const [address] =
      patch.address === undefined ? [] : (parseMonitorAddresses(patch.address) ?? []);
    if (address !== undefined) this.move(entry, address);
    await this.save();
    this.parts.onChange(id);
  }

  /** Null: none. Also of an id nobody has answered with yet. */
  async setToken(id: string, token: string | null): Promise<void> {
    if (token === null) this.tokens.delete(id);
    else this.tokens.set(id, token);
    await this.parts.file.saveTokens(this.tokens);
    if (this.isKnown(id)) this.get(id).link.refresh();
  }

  async remove(id: string): Promise<void> {
    const entry = this.entryOf(id);
    if (this.listed.has(entry.address)) {
      throw new Problem(
        'not-settable-remotely',
        `${entry.address} is in the configuration file: take it out of "monitors" there.`,
        'monitors',
      );
    }
    this.entries.delete(id);
    this.links.found(id);
    if (this.tokens.delete(id)) await this.parts.file.saveTokens(this.tokens);
    this.dropUnusedLinks();
    await this.save();
    this.parts.onChange(id);
  }

  /** Something that announces itself as `id` is at `address`: whoever was lost is looked for there. */
  sighted(id: string, address: string): void {
    const entry = this.entries.get(id);
    if (entry === undefined || entry.address === address) return;
    // What was announced becomes part of a URL.
    if (parseMonitorAddresses(address)?.length !== 1) return;
    this.links.sighted(id, address);
    this.dropUnusedLinks();
  }

  isKnown(id: string): boolean {
    return this.entries.has(id);
  }

  private expect(address: string): Entry {
    const known = this.entryAt(address);
    const entry = known ?? {
      id: `@${address}`,
      number: this.nextNumber++,
      name: null,
      address,
      groups: [],
    };
    if (known === undefined) this.entries.set(entry.id, entry);
    this.links.to(address);
    return entry;
  }

  private makeLink(address: string): MonitorLink {
    return this.parts.makeLink({
      address,
      tokenFor: (claimed) => this.tokenFor(address, claimed),
      onChange: (changed) => this.onLink(changed),
    });
  }

  /** That of the id that is claimed at the address, or one that was given before the id was known. */
  private tokenFor(address: string, claimed: string | null): string | null {
    const id = claimed ?? this.entryAt(address)?.id ?? '';
    return this.tokens.get(id) ?? this.tokens.get(`@${address}`) ?? null;
  }

  private onLink(link: MonitorLink): void {
    const id = link.heard?.status.id;
    this.links.file(link);
    if (id !== undefined && link.reachable) this.settle(id, link.address);
    const entry = id === undefined ? this.entryAt(link.address) : this.entries.get(id);
    if (entry !== undefined) this.parts.onChange(entry.id);
  }

  /** `id` answers at `address`. */
  private settle(id: string, address: string): void {
    const guess = this.entries.get(`@${address}`);
    const known = this.entries.get(id);
    if (known === undefined && (guess !== undefined || this.listed.has(address))) {
      const entry = guess ?? { number: this.nextNumber++, name: null, groups: [] };
      this.rename(guess?.id ?? null, { ...entry, id, address });
    } else if (known !== undefined) {
      if (guess !== undefined) {
        this.entries.delete(guess.id);
        this.handToken(guess.id, id);
      }
      if (known.address !== address && !this.links.mayAnswerAs(known.address, id))
        this.move(known, address);
      else if (guess === undefined) return;
      this.saveLater();
    }
  }

  private rename(from: string | null, entry: Entry): void {
    if (from !== null) {
      this.entries.delete(from);
      this.handToken(from, entry.id);
      this.parts.onChange(from);
    }
    this.entries.set(entry.id, entry);
    this.saveLater();
  }

  /** What was given for a guess is the token of the monitor that has proved to know it. */
  private handToken(guess: string, id: string): void {
    const token = this.tokens.get(guess);
    if (token === undefined) return;
    this.tokens.delete(guess);
    if (!this.tokens.has(id)) this.tokens.set(id, token); // else it has proved to know that one
    this.parts.file.saveTokens(this.tokens).catch(this.parts.onTrouble);
  }

  private move(entry: Entry, address: string): void {
    entry.address = address;
    this.links.found(entry.id);
    this.links.to(address);
    this.dropUnusedLinks();
  }

  private dropUnusedLinks(): void {
    const used = new Set([...this.entries.values()].map(({ address }) => address));
    this.links.dropUnused(
      (address) => used.has(address) || this.listed.has(address),
      (id) => this.entries.has(id),
    );
  }

  private memberOf(entry: Entry): Member {
    const { conflict, unproved } = this.links.claimsTo(entry.id);
    return new Member(entry, this.links.to(entry.address), conflict, unproved);
  }

  private saveLater(): void {
    this.save().catch(this.parts.onTrouble);
  }

  private save(): Promise<void> {
    return this.parts.file.save({
      nextNumber: this.nextNumber,
      monitors: [...this.entries.values()],
    });
  }
}
