import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Problem, toProblem } from '../errors.js';
import type { Logger } from '../log.js';
import { EventLog } from '../monitor/events.js';
import { boardSerial, loadIdentity } from '../system/identity.js';
import { writeJson } from '../system/json-file.js';
import { Broker } from './broker.js';
import { Commands } from './commands/commands.js';
import { Discovery, type Sighting } from './discovery.js';
import { Fleet } from './fleet.js';
import { FleetFile } from './fleet-file.js';
import { HttpLink, type LinkOptions } from './http-link.js';
import { idOnBroker } from './monitor-address.js';
import type { MonitorLink } from './monitor-link.js';
import { MqttLink } from './mqtt-link.js';
import { pairWith } from './pairing.js';
import type { ControllerSettings } from './settings.js';
import type { MonitorView } from './shapes.js';
import { Runs } from './runs/runs.js';
import { Transfers } from './transfers/transfers.js';
import { Wall } from './wall/wall.js';

/** What happens, for pages and programs that follow: `monitor` (its view), … */
export type ControllerEvent = 'monitor' | 'removed' | 'error' | 'command' | 'run' | 'transfer';

/** How long an address that was just added is given to say who it is. */
const introductionMs = 3000;

/** Many monitors: who they are, how they are, and what is done with them together. */
export class Controller {
  readonly host = hostname();
  /** Kept in the data folder, so that monitors know whom they are paired with; empty until the start. */
  id = '';
  readonly events = new EventLog<ControllerEvent>();
  readonly fleet: Fleet;
  readonly wall: Wall;
  readonly discovery: Discovery;
  /** Null: none is configured. */
  readonly broker: Broker | null;
  readonly commands: Commands;
  readonly transfers: Transfers;
  readonly runs: Runs;
  /** What the last event of each monitor said, so that only changes are told. */
  private readonly told = new Map<string, string>();

  constructor(
    readonly settings: ControllerSettings,
    private readonly wallUs: () => number,
    private readonly log: Logger,
    transferAgainMs = 5000,
  ) {
    this.fleet = new Fleet({
      file: new FleetFile(this.folder('controller')),
      listed: settings.monitors,
      makeLink: (options) => this.makeLink({ ...options, wallUs: this.wallUs }),
      onChange: (id) => this.tell(id),
      onTrouble: (error) => this.trouble(error),
    });
    const { mqtt } = settings;
    const onSighting = (sighting: Sighting): void => this.onBrokerSighting(sighting);
    this.broker = mqtt.url === '' ? null : new Broker(mqtt, onSighting, log);
    this.wall = new Wall(this.fleet);
    this.discovery = new Discovery(
      ({ id, address }) => this.fleet.sighted(id, address),
      (error) => log.warn({ err: error }, 'Monitors cannot be looked for by mDNS.'),
    );
    this.commands = new Commands(this.fleet, wallUs, (command) => {
      this.events.add('command', { ...command });
    });
    this.runs = new Runs({
      fleet: this.fleet,
      limits: settings.limits,
      folder: this.folder('controller/runs'),
      wallUs,
      onChange: ({ id, state }) => this.events.add('run', { id, state }),
      onTrouble: (error) => this.trouble(error),
    });
    const { atOnce, megabitsPerSecond, destinations } = settings.transfers;
    this.transfers = new Transfers({
      fleet: this.fleet,
      stateFolder: this.folder('controller/transfers'),
      fetchedFolder: this.folder('fetched'),
      atOnce,
      megabitsPerSecond,
      destinations,
      againMs: transferAgainMs,
      wallUs,
      onChange: ({ id, state }) => this.events.add('transfer', { id, state }),
      onTrouble: (error) => this.trouble(error),
      onFetched: (monitor, recording, folder) => this.addReport(monitor, recording, folder),
    });
  }

  /** Reads what it knew: to be done before anybody can ask. It touches no monitor yet. */
  async load(): Promise<void> {
    await mkdir(this.settings.dataFolder, { recursive: true });
    this.id = (await loadIdentity(this.settings.dataFolder, await boardSerial(), this.log)).id;
    await this.runs.load();
    await this.transfers.load();
  }

  async start(): Promise<void> {
    await this.fleet.start();
    this.broker?.start();
    if (this.settings.discovery) this.discovery.start();
    await this.runs.start();
    this.transfers.start();
  }

  stop(): void {
    this.discovery.stop();
    this.transfers.stop();
    this.runs.stop();
    this.wall.stop();
    this.fleet.stop();
    this.broker?.stop();
  }

  /** Adds an address or a range, and waits a moment for who is there. */
  async add(
    address: string,
    given: { name?: string; groups?: string[]; token?: string },
  ): Promise<MonitorView[]> {
    const { token } = given;
    const addresses = await this.fleet.add(address, given);
    for (const one of token === undefined ? [] : addresses) {
      const id = this.fleet.at(one)?.id;
      if (id !== undefined) await this.fleet.setToken(id, token ?? null);
    }
    await aMoment(() =>
      addresses.every((one) => {
        const member = this.fleet.at(one);
        return member === null || member.reachable || member.link.problem !== null;
      }),
    );
    const ids = new Set(addresses.flatMap((one) => this.fleet.at(one)?.id ?? []));
    return [...ids].map((id) => this.fleet.view(id));
  }

  private makeLink(options: LinkOptions): MonitorLink {
    const onBroker = idOnBroker(options.address) !== null;
    return onBroker ? new MqttLink(options, this.broker) : new HttpLink(options);
  }

  /** A monitor that answers where it is entered stays there; one that is lost is taken up on the broker. */
  private onBrokerSighting({ id, address }: Sighting): void {
    if (!this.fleet.isKnown(id)) return;
    const { reachable, link } = this.fleet.get(id);
    if (!reachable && link.problem !== null) this.fleet.sighted(id, address);
  }

  /** Pairs with the monitor of this entry by the code it shows, or by null ends it on this side. */
  async pair(id: string, code: string | null): Promise<MonitorView> {
    if (code === null) {
      await this.fleet.setToken(id, null);
      return this.fleet.view(id);
    }
    const { entry, link } = this.fleet.get(id);
    const paired = await pairWith(link.http, code, { id: this.id, name: this.host });
    const isGuess = entry.id.startsWith('@');
    if (!isGuess && paired.id !== entry.id) {
      const detail = `At ${entry.address} is another monitor: remove the pairing there again.`;
      throw new Problem('identity-conflict', detail, 'code');
    }
    await this.fleet.setToken(paired.id, paired.token);
    link.refresh();
    await aMoment(() => link.http.provenToken === paired.token);
    return this.fleet.view(entry.id);
  }

  /** The report of the run a recording was made in goes with its copy. */
  private async addReport(monitor: string, recording: string, folder: string): Promise<void> {
    const run = this.runs.reportOf(monitor, recording);
    if (run !== null) await writeJson(join(folder, `${recording}.run.json`), run);
  }

  private folder(name: string): string {
    return join(this.settings.dataFolder, name);
  }

  /** Events are for what a person would notice; figures that only count up are asked for. */
  private tell(id: string): void {
    const member = this.fleet.isKnown(id) ? this.fleet.get(id) : null;
    if (member === null) {
      if (this.told.delete(id)) this.events.add('removed', { id });
      return;
    }
    const { name, reachable, conflict, status, entry } = member;
    const { state = null, recording, losses } = status ?? {};
    const data = { id, name, address: entry.address, groups: entry.groups, reachable, conflict };
    const full = { ...data, state, recording: recording?.name ?? null, losses: losses ?? null };
    const text = JSON.stringify(full);
    if (this.told.get(id) === text) return;
    this.told.set(id, text);
    this.events.add('monitor', full);
  }

  private trouble(error: unknown): void {
    const problem = toProblem(error);
    this.log.error({ err: error }, problem.detail);
    this.events.add('error', { ...problem.toJSON() });
  }
}

/** Waits for this, but not for long: who is there soon says so. */
async function aMoment(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + introductionMs;
  while (!isSo() && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
