import { randomUUID } from 'node:crypto';
import type { MqttSettings } from '../config/mqtt.js';
import { Problem, toProblem, type ProblemJson } from '../errors.js';
import type { Operations } from '../http/operations.js';
import type { Logger } from '../log.js';
import type { EventLog, MonitorEvent } from '../monitor/events.js';
import type { Status } from '../monitor/status.js';
import { Commands, type CommandReply } from './commands.js';
import { BrokerConnection, type Message } from './connection.js';
import { discoveryOf, discoveryTopic } from './home-assistant.js';
import { Lane } from './lane.js';
import { Pacer } from './pacer.js';
import { Topics, type MonitorTopic } from './topics.js';

/** As the monitor's status has it. */
export interface BrokerState {
  connected: boolean;
  problem: ProblemJson | null;
}

/** What a monitor tells of itself: its status, and what a reader needs besides. */
export interface ToldState extends Status {
  /** Of its own server, for pictures and files. */
  address: string;
  /** Of the program: another after each start. */
  run: string;
  /** By the monitor's clock, as this was made. */
  toldWallUs: number;
}

export interface MonitorParts {
  settings: MqttSettings;
  id: string;
  run: string;
  events: EventLog;
  operations: Operations;
  /** Whether this monitor asks nobody for a password. */
  isOpen: () => boolean;
  status: () => Status;
  wallUs: () => number;
  /** Where its own server is, as seen from the broker's network. */
  address: (localAddress: string | null) => string;
  log: Logger;
}

/** A late reader is told by the ids that some are missing. */
const mostEvents = 200;
/** Who gets no answer asks again, and is told the same. */
const mostReplies = 50;
/** Home Assistant fetches the picture anew each time it is told where that is. */
const pictureMs = 30_000;

interface Reply {
  to: Message;
  reply: CommandReply;
}

/**
 * One monitor on a broker: tells how it is, and what happens. Nothing waits for the broker: what is not
 * told in time is told newer, or not at all.
 */
export class MonitorOnBroker {
  private readonly topics: Topics;
  private readonly connection: BrokerConnection;
  private readonly pacer = new Pacer(() => this.states.put(null));
  /** It is made as it goes out: what waited would be old. */
  private readonly states = new Lane<null>(() => this.tellState(), 1);
  private readonly eventLane = new Lane<MonitorEvent>((event) => this.tellEvent(event), mostEvents);
  private readonly replies = new Lane<Reply>((one) => this.tellReply(one), mostReplies);
  private readonly commands: Commands;
  private unsubscribe: (() => void) | null = null;
  private address = '';
  private pictures: NodeJS.Timeout | null = null;

  constructor(private readonly parts: MonitorParts) {
    const { settings, id, log } = parts;
    this.topics = new Topics(settings.topicPrefix);
    this.commands = new Commands({
      ...parts,
      refusal: () => this.refusal,
      answer: (to, reply) => this.replies.put({ to, reply }),
    });
    const heard = ['availability', 'commands', 'record'] as const;
    this.connection = new BrokerConnection({
      settings,
      // Two machines with one id must not drive each other off.
      clientId: `pi-monitor-${id}-${randomUUID().slice(0, 8)}`,
      will: { topic: this.topics.of(id, 'availability'), payload: 'offline' },
      subscribe: heard.map((what) => this.topics.of(id, what)),
      onUp: (localAddress) => this.onUp(localAddress),
      onDown: () => this.onDown(),
      onMessage: (message) => this.onMessage(message),
      log,
    });
  }

  get state(): BrokerState {
    const { connected, problem } = this.connection;
    return { connected, problem: problem?.toJSON() ?? null };
  }

  start(): void {
    this.unsubscribe = this.parts.events.subscribe((event) => this.onEvent(event));
    this.connection.start();
  }

  /** Says goodbye; resolves within a second. */
  async stop(): Promise<void> {
    this.unsubscribe?.();
    this.onDown();
    const topic = this.topics.of(this.parts.id, 'availability');
    await this.connection.stop({ topic, payload: 'offline' });
  }

  private onUp(localAddress: string | null): void {
    this.address = this.parts.address(localAddress);
    this.sayOnline();
    this.pacer.start();
    if (this.parts.settings.homeAssistant.enabled) this.introduce();
  }

  /** To Home Assistant; it also finds what is retained where it comes later. */
  private introduce(): void {
    const { id, settings } = this.parts;
    const device = {
      id,
      host: this.parts.status().host,
      page: `${this.url}/monitor.html`,
      topic: (what: MonitorTopic) => this.topics.of(id, what),
    };
    const topic = discoveryTopic(settings.homeAssistant.discoveryPrefix, id);
    this.retain(topic, JSON.stringify(discoveryOf(device)));
    const picture = (): void => this.retain(device.topic('picture'), `${this.url}/snapshot.jpg`);
    picture();
    this.pictures = setInterval(picture, pictureMs);
  }

  private get url(): string {
    return this.address.startsWith('https://') ? this.address : `http://${this.address}`;
  }

  private onDown(): void {
    this.pacer.stop();
    if (this.pictures !== null) clearInterval(this.pictures);
    this.eventLane.clear();
    this.replies.clear();
  }

  private async onMessage(message: Message): Promise<void> {
    switch (this.topics.read(message.topic)?.what) {
      case 'availability':
        // The last will of an earlier connection may come late.
        if (message.payload.toString() !== 'online') this.sayOnline();
        return;
      case 'commands':
        return this.commands.take(message);
      case 'record':
        this.commands
          .record(message, this.parts.status().recording !== null)
          .catch((error: unknown) => {
            this.parts.log.warn(`The switch was not obeyed: ${toProblem(error).detail}`);
          });
    }
  }

  /** Where a password keeps others out, a broker that lets in anybody must not be the way around it. */
  private get refusal(): Problem | null {
    if (this.parts.isOpen() || this.parts.settings.username !== '') return null;
    const remedy = 'give it users, and set mqtt.username and mqtt.passwordFile here.';
    const detail = `This monitor has a password, and its broker asks for none: ${remedy}`;
    return new Problem('unauthorised', detail, 'mqtt.username');
  }

  private sayOnline(): void {
    this.retain(this.topics.of(this.parts.id, 'availability'), 'online');
  }

  /** For the few that are told once: where it fails the connection does, and all is told anew. */
  private retain(topic: string, text: string): void {
    this.connection.publish(topic, text, { qos: 1, retain: true }).catch(() => undefined);
  }

  private onEvent(event: MonitorEvent): void {
    if (!this.connection.connected) return;
    this.eventLane.put(event);
    if (event.type === 'state') this.pacer.now();
    else this.pacer.soon();
  }

  private tellState(): Promise<void> {
    const { id, run, status, wallUs } = this.parts;
    const state: ToldState = {
      ...status(),
      address: this.address,
      run,
      toldWallUs: Math.round(wallUs()),
    };
    const topic = this.topics.of(id, 'state');
    return this.connection.publish(topic, JSON.stringify(state), { qos: 1, retain: true });
  }

  private tellEvent(event: MonitorEvent): Promise<void> {
    const topic = this.topics.of(this.parts.id, 'events');
    return this.connection.publish(topic, JSON.stringify(event), { qos: 1 });
  }

  private tellReply({ to, reply }: Reply): Promise<void> {
    const { responseTopic, correlation } = to;
    const wished = responseTopic !== null && this.topics.isForReplies(responseTopic);
    const topic = wished ? responseTopic : this.topics.of(this.parts.id, 'replies');
    const properties = correlation === null ? {} : { correlationData: correlation };
    return this.connection.publish(topic, JSON.stringify(reply), { qos: 1, properties });
  }
}
