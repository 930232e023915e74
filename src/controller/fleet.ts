import { Problem } from '../errors.js';
import { parseMonitorAddresses } from './monitor-address.js';
import type { MonitorLink } from './monitor-link.js';
import type { Entry, FleetFile } from './fleet-file.js';
import { isConflict } from './conflict.js';
import { Member } from './member.js';
import type { MonitorPatch, MonitorView, Targets } from './shapes.js';

export interface FleetParts {
  file: FleetFile;
  /** From the configuration: always part of the fleet. */
  listed: readonly string[];
  makeLink: (options: {
    address: string;
    token: () => string | null;
    onChange: (link: MonitorLink) => void;
  }) => MonitorLink;
  onChange: (id: string) => void;
  onTrouble: (error: unknown) => void;
}

/**
 * Who belongs to the fleet, and how each is reached. A monitor is its id, not its address: a link tells
 * which id answers at an address, and the entry of that id goes there with it. An entry whose address
 * nobody ever answered at is a guess, `@ADDRESS`, until somebody does.
 */
export class Fleet {
  private readonly entries = new Map<string, Entry>();
  private readonly links = new Map<string, MonitorLink>();
  /** The links by the id that answered last at their addresses. */
  private readonly linksById = new Map<string, Set<MonitorLink>>();
  private readonly listed: ReadonlySet<string>;
  private tokens = new Map<string, string>();
  private nextNumber = 1;
  private running = false;

  constructor(private readonly parts: FleetParts) {
    this.listed = new Set(parts.listed.flatMap((text) => parseMonitorAddresses(text) ?? []));
  }

  async start(): Promise<void> {
    const { kept, tokens } = await this.parts.file.load();
    this.nextNumber = kept.nextNumber;
    this.tokens = tokens;
    for (const entry of kept.monitors) this.entries.set(entry.id, entry);
    this.running = true;
    for (const address of this.listed) this.expect(address);
    for (const { address } of this.entries.values()) this.follow(address);
  }

  stop(): void {
    this.running = false;
    for (const link of this.links.values()) link.stop();
  }

  /** In the order in which they came. */
  members(): Member[] {
    return [...this.entries.values()]
      .sort((a, b) => a.number - b.number)
      .map((entry) => this.memberOf(entry));
  }

  views(): MonitorView[] {
    return this.members().map((member) => member.view(this.tokens.has(member.id)));
  }

  view(id: string): MonitorView {
    return this.get(id).view(this.tokens.has(id));
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
    const heard = this.links.get(address)?.heard?.status.id;
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

  async setToken(id: string, token: string | null): Promise<void> {
    if (token === null) this.tokens.delete(id);
    else this.tokens.set(id, token);
    await this.parts.file.saveTokens(this.tokens);
    this.get(id).link.refresh();
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
    if (this.tokens.delete(id)) await this.parts.file.saveTokens(this.tokens);
    this.dropUnusedLinks();
    await this.save();
    this.parts.onChange(id);
  }

  /** Something that announces itself as `id` is at `address`: whoever was lost is looked for there. */
  sighted(id: string, address: string): void {
    const entry = this.entries.get(id);
    if (entry !== undefined && entry.address !== address) this.follow(address);
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
    this.follow(address);
    return entry;
  }

  private follow(address: string): MonitorLink {
    const known = this.links.get(address);
    if (known !== undefined) return known;
    const link = this.parts.makeLink({
      address,
      token: () => this.tokens.get(this.entryAt(address)?.id ?? '') ?? null,
      onChange: (changed) => this.onLink(changed),
    });
    this.links.set(address, link);
    if (this.running) link.start();
    return link;
  }

  private onLink(link: MonitorLink): void {
    const id = link.heard?.status.id;
    if (id !== undefined && link.reachable) {
      this.file(link, id);
      this.settle(id, link.address);
    }
    const entry = id === undefined ? this.entryAt(link.address) : this.entries.get(id);
    if (entry !== undefined) this.parts.onChange(entry.id);
  }

  private file(link: MonitorLink, id: string): void {
    if (this.linksById.get(id)?.has(link) === true) return;
    this.unfile(link);
    const links = this.linksById.get(id) ?? new Set();
    this.linksById.set(id, links.add(link));
  }

  private unfile(link: MonitorLink): void {
    for (const [id, links] of this.linksById) {
      if (links.delete(link) && links.size === 0) this.linksById.delete(id);
    }
  }

  /** `id` answers at `address`. */
  private settle(id: string, address: string): void {
    const guess = this.entries.get(`@${address}`);
    const known = this.entries.get(id);
    if (known === undefined && (guess !== undefined || this.listed.has(address))) {
      const entry = guess ?? { number: this.nextNumber++, name: null, groups: [] };
      this.rename(guess?.id ?? null, { ...entry, id, address });
    } else if (known !== undefined) {
      if (guess !== undefined) this.entries.delete(guess.id);
      if (known.address !== address && !this.answersAs(known.address, id))
        this.move(known, address);
      else if (guess === undefined) return;
      this.saveLater();
    }
  }

  private rename(from: string | null, entry: Entry): void {
    if (from !== null) {
      this.entries.delete(from);
      const token = this.tokens.get(from);
      if (token !== undefined) {
        this.tokens.delete(from);
        this.tokens.set(entry.id, token);
        this.parts.file.saveTokens(this.tokens).catch(this.parts.onTrouble);
      }
      this.parts.onChange(from);
    }
    this.entries.set(entry.id, entry);
    this.saveLater();
  }

  private answersAs(address: string, id: string): boolean {
    const link = this.links.get(address);
    return link?.reachable === true && link.heard?.status.id === id;
  }

  private move(entry: Entry, address: string): void {
    entry.address = address;
    this.follow(address);
    this.dropUnusedLinks();
  }

  /** Links at addresses that no entry has and that do not answer as one. */
  private dropUnusedLinks(): void {
    const used = new Set([...this.entries.values()].map(({ address }) => address));
    for (const [address, link] of this.links) {
      const id = link.heard?.status.id;
      const answers = link.reachable && id !== undefined && this.entries.has(id);
      if (used.has(address) || this.listed.has(address) || answers) continue;
      link.stop();
      this.unfile(link);
      this.links.delete(address);
    }
  }

  private memberOf(entry: Entry): Member {
    const link = this.follow(entry.address);
    return new Member(entry, link, isConflict([...(this.linksById.get(entry.id) ?? [])]));
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
