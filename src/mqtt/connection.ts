import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect, type IClientOptions, type IClientPublishOptions, type MqttClient } from 'mqtt';
import type { IPublishPacket } from 'mqtt-packet';
import type { BrokerSettings } from '../config/mqtt.js';
import { expandHome } from '../config/store.js';
import { Problem } from '../errors.js';
import type { Logger } from '../log.js';
import { brokerProblem, cannotSubscribe, isRefusal } from './broker-problem.js';

export interface Message {
  topic: string;
  payload: Buffer;
  /** It is not of now: the broker had kept it. */
  retained: boolean;
  responseTopic: string | null;
  correlation: Buffer | null;
}

export interface ConnectionOptions {
  settings: BrokerSettings;
  clientId: string;
  /** Written by the broker where this program is gone without a word. */
  will?: { topic: string; payload: string };
  subscribe: string[];
  /** Connected and subscribed; `localAddress`: of this machine, as the broker's network sees it. */
  onUp: (localAddress: string | null) => void;
  onDown: () => void;
  /** An attempt has failed, or a connection has ended; another attempt follows. */
  onFailure?: (problem: Problem) => void;
  /** May take its time: until it is done, the broker is not read from. */
  onMessage: (message: Message) => Promise<void> | void;
  log: Logger;
}

const connectMs = 5000;
/** A broker that is silent for one and a half of it is gone, and so are we for the broker. */
const keepaliveS = 8;
const againMs = 500;
/** A password that is wrong stays so for a while. */
const refusedAgainMs = 5000;
/** The largest message taken, and how many unacknowledged: what a broker can make us hold. */
const maximumPacketSize = 256 * 1024;
const receiveMaximum = 20;
const goodbyeMs = 500;

/**
 * A connection to the broker that comes back by itself. Each time it begins anew, with the password as its
 * file has it then: nothing is kept over a break, neither here nor by the broker.
 */
export class BrokerConnection {
  /** Null once connected, and before the first attempt has ended. */
  problem: Problem | null = null;
  connected = false;

  private client: MqttClient | null = null;
  private timer: NodeJS.Timeout | null = null;
  private running = false;
  /** The problem that was logged last: each is told once. */
  private told: string | null = null;

  constructor(private readonly options: ConnectionOptions) {}

  start(): void {
    this.running = true;
    void this.open();
  }

  /** Ends it. `goodbye` is written before, where that is possible in half a second. */
  async stop(goodbye?: { topic: string; payload: string }): Promise<void> {
    this.running = false;
    if (this.timer !== null) clearTimeout(this.timer);
    const { client } = this;
    if (client === null) return;
    if (this.connected) {
      const said = goodbye
        ? this.publish(goodbye.topic, goodbye.payload, { qos: 1, retain: true })
        : Promise.resolve();
      const ended = said.then(() => client.endAsync()).catch(() => undefined);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, goodbyeMs))]);
    }
    this.drop(client);
  }

  /** Resolves once the broker has it (QoS 1); rejects where it cannot have. The caller bounds how many wait. */
  async publish(
    topic: string,
    payload: string | Buffer,
    options: IClientPublishOptions,
  ): Promise<void> {
    if (this.client === null || !this.connected) throw new Error('not connected');
    await this.client.publishAsync(topic, payload, options);
  }

  private async open(): Promise<void> {
    try {
      const options = await this.clientOptions();
      if (!this.running) return;
      const client = connect(this.options.settings.url, options);
      this.client = client;
      this.listen(client);
    } catch (error) {
      this.fail(error);
    }
  }

  private async clientOptions(): Promise<IClientOptions> {
    const { settings, clientId, will } = this.options;
    const { username, passwordFile, caFile } = settings;
    const password = passwordFile === '' ? null : await readSecret(passwordFile);
    return {
      protocolVersion: 5,
      clientId,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: connectMs,
      keepalive: keepaliveS,
      queueQoSZero: false,
      properties: { maximumPacketSize, receiveMaximum },
      ...(username !== '' && { username }),
      ...(password !== null && { password }),
      ...(caFile !== '' && { ca: await readNamed('mqtt.caFile', caFile) }),
      ...(will && { will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    };
  }

  private listen(client: MqttClient): void {
    const current = (): boolean => this.client === client;
    let failure: unknown = new Error('the connection was closed');
    client.on('error', (error) => {
      failure = error;
      if (current()) client.end(true);
    });
    client.on('disconnect', ({ reasonCode, properties }) => {
      failure = Object.assign(new Error(properties?.reasonString ?? ''), { code: reasonCode });
    });
    client.on('close', () => {
      if (!current()) return;
      this.drop(client);
      this.fail(failure);
    });
    client.on('connect', () => {
      this.subscribe(client).then(
        () => current() && this.up(client),
        () => {
          if (client.connected) failure = cannotSubscribe(this.options.settings.url);
          client.end(true);
        },
      );
    });
    client.handleMessage = (packet, done) => {
      // Whatever it makes of a message, the connection goes on.
      void Promise.resolve()
        .then(() => (current() ? this.options.onMessage(messageOf(packet)) : undefined))
        .catch((error: unknown) => this.options.log.error({ err: error }, 'A message failed.'))
        .finally(() => done());
    };
  }

  private async subscribe(client: MqttClient): Promise<void> {
    const { subscribe } = this.options;
    if (subscribe.length > 0) await client.subscribeAsync(subscribe, { qos: 1 });
  }

  private up(client: MqttClient): void {
    this.connected = true;
    this.problem = null;
    this.told = null;
    this.options.log.info({ broker: this.options.settings.url }, 'Connected to the MQTT broker.');
    const socket = client.stream as Partial<Socket>;
    socket.setNoDelay?.(true); // clocks are compared through it
    this.options.onUp(socket.localAddress ?? null);
  }

  private fail(error: unknown): void {
    const wasUp = this.connected;
    this.connected = false;
    if (!this.running) return;
    this.problem = brokerProblem(error, this.options.settings.url);
    if (this.told !== this.problem.detail) this.options.log.warn(this.problem.detail);
    this.told = this.problem.detail;
    if (wasUp) this.options.onDown();
    this.options.onFailure?.(this.problem);
    const pauseMs = isRefusal(error) ? refusedAgainMs : againMs;
    // Not all in one instant, where a broker comes back to many.
    this.timer = setTimeout(() => void this.open(), pauseMs * (1 + Math.random()));
  }

  private drop(client: MqttClient): void {
    if (this.client === client) this.client = null;
    client.end(true);
  }
}

function messageOf({ topic, payload, retain, properties }: IPublishPacket): Message {
  return {
    topic,
    payload: Buffer.from(payload),
    retained: retain,
    responseTopic: properties?.responseTopic ?? null,
    correlation: properties?.correlationData ?? null,
  };
}

async function readSecret(path: string): Promise<string> {
  const text = (await readNamed('mqtt.passwordFile', path)).toString();
  return text.split(/\r?\n/, 1)[0] ?? '';
}

async function readNamed(field: string, path: string): Promise<Buffer> {
  try {
    return await readFile(expandHome(path));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Problem('invalid-value', `${field} cannot be read: ${why}`, field);
  }
}
