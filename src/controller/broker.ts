import { randomUUID } from 'node:crypto';
import type { BrokerSettings } from '../config/mqtt.js';
import { isJsonObject } from '../config/merge-patch.js';
import { Problem } from '../errors.js';
import type { Logger } from '../log.js';
import type { CommandReply } from '../mqtt/commands.js';
import { BrokerConnection, type Message } from '../mqtt/connection.js';
import type { ToldState } from '../mqtt/monitor-on-broker.js';
import { Topics } from '../mqtt/topics.js';
import type { Sighting } from './discovery.js';
import { isStatus } from './is-status.js';
import { brokerAddress } from './monitor-address.js';

/** What one link hears of its monitor. */
export interface Hearer {
  onState: (state: ToldState, retained: boolean) => void;
  onAvailability: (online: boolean) => void;
  onEvent: (event: Record<string, unknown>) => void;
  /** The broker is gone, or back. */
  onBroker: () => void;
}

/** What is asked of a monitor; `expiresWallUs` is by its clock. */
export interface Question {
  id: string;
  method: string;
  path: string;
  body?: unknown;
  expiresWallUs?: number;
}

interface Waiting {
  resolve: (reply: CommandReply) => void;
  reject: (problem: Problem) => void;
}

interface Known {
  state: ToldState | null;
  online: boolean;
}

/** Anybody whom the broker lets in can make up monitors. */
const mostKnown = 5000;

/** A controller on a broker: hears all monitors there, and carries questions and answers. */
export class Broker {
  private readonly topics: Topics;
  private readonly connection: BrokerConnection;
  private readonly replyTopic: string;
  private readonly known = new Map<string, Known>();
  private readonly hearers = new Map<string, Hearer>();
  private readonly waiting = new Map<string, Waiting>();

  constructor(
    private readonly settings: BrokerSettings,
    private readonly onSighting: (sighting: Sighting) => void,
    log: Logger,
  ) {
    this.topics = new Topics(settings.topicPrefix);
    const name = `controller-${randomUUID()}`;
    this.replyTopic = this.topics.replies(name);
    const heard = ['state', 'availability', 'events'] as const;
    this.connection = new BrokerConnection({
      settings,
      clientId: `pi-monitor-${name}`,
      subscribe: [...heard.map((what) => this.topics.of('+', what)), this.replyTopic],
      onUp: () => this.tellHearers(),
      onDown: () => this.onDown(),
      onMessage: (message) => this.onMessage(message),
      log,
    });
  }

  /** Whether it lets in only whom it knows: then what a monitor says there is believed. */
  get vouches(): boolean {
    return this.settings.username !== '';
  }

  get connected(): boolean {
    return this.connection.connected;
  }

  get problem(): Problem | null {
    return this.connection.problem;
  }

  start(): void {
    this.connection.start();
  }

  stop(): void {
    void this.connection.stop();
  }

  /** Monitors that are there now. */
  sightings(): Sighting[] {
    return [...this.known.entries()].flatMap(([id, { state, online }]) =>
      state !== null && online ? [sightingOf(id, state)] : [],
    );
  }

  /** From now on `hearer` hears of a monitor, at once what is known already. */
  attach(id: string, hearer: Hearer): void {
    this.hearers.set(id, hearer);
    const known = this.known.get(id);
    if (known === undefined) return;
    if (known.state !== null) hearer.onState(known.state, true);
    hearer.onAvailability(known.online);
  }

  detach(id: string): void {
    this.hearers.delete(id);
  }

  /** Rejects with `unreachable` where no answer comes in time. */
  ask(monitor: string, question: Question, timeoutMs: number): Promise<CommandReply> {
    const tag = randomUUID();
    return new Promise<CommandReply>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Problem('unreachable', 'No answer came through the broker in time.'));
      }, timeoutMs);
      const end = <T>(settle: (value: T) => void) => {
        return (value: T): void => {
          clearTimeout(timer);
          settle(value);
        };
      };
      this.waiting.set(tag, { resolve: end(resolve), reject: end(reject) });
      const properties = { responseTopic: this.replyTopic, correlationData: Buffer.from(tag) };
      const topic = this.topics.of(monitor, 'commands');
      this.connection
        .publish(topic, JSON.stringify(question), { qos: 1, properties })
        .catch(() => this.waiting.get(tag)?.reject(this.gone));
    }).finally(() => this.waiting.delete(tag));
  }

  private get gone(): Problem {
    return this.problem ?? new Problem('unreachable', 'The MQTT broker is not connected.');
  }

  private onDown(): void {
    for (const { reject } of [...this.waiting.values()]) reject(this.gone);
    this.tellHearers();
  }

  private tellHearers(): void {
    for (const hearer of this.hearers.values()) hearer.onBroker();
  }

  private onMessage({ topic, payload, retained, correlation }: Message): void {
    if (topic === this.replyTopic) {
      const reply = parsed(payload);
      if (reply !== null) this.waiting.get(String(correlation))?.resolve(reply as never);
      return;
    }
    const { id, what } = this.topics.read(topic) ?? {};
    if (id === undefined) return;
    if (what === 'state') this.onState(id, parsed(payload), retained);
    else if (what === 'availability') this.onAvailability(id, payload.toString() === 'online');
    else if (what === 'events') {
      const event = parsed(payload);
      if (event !== null) this.hearers.get(id)?.onEvent(event);
    }
  }

  private onState(id: string, state: unknown, retained: boolean): void {
    if (!isToldState(state) || state.id !== id) return;
    const known = this.knownOf(id);
    if (known === null) return;
    known.state = state;
    this.hearers.get(id)?.onState(state, retained);
    if (!retained) this.onSighting(sightingOf(id, state));
  }

  private onAvailability(id: string, online: boolean): void {
    const known = this.knownOf(id);
    if (known === null) return;
    known.online = online;
    this.hearers.get(id)?.onAvailability(online);
  }

  private knownOf(id: string): Known | null {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    if (this.known.size >= mostKnown || brokerAddress(id) === null) return null;
    const made = { state: null, online: false };
    this.known.set(id, made);
    return made;
  }
}

function sightingOf(id: string, { host }: ToldState): Sighting {
  return { id, name: host, address: brokerAddress(id) ?? '' };
}

function parsed(payload: Buffer): Record<string, unknown> | null {
  try {
    const content: unknown = JSON.parse(payload.toString());
    return isJsonObject(content) ? content : null;
  } catch {
    return null; // whoever writes there is no pi-monitor
  }
}

function isToldState(state: unknown): state is ToldState {
  if (!isStatus(state)) return false;
  const { address, run } = state as Partial<ToldState>;
  return typeof address === 'string' && typeof run === 'string';
}
