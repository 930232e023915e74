import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import type { IPublishPacket } from 'mqtt-packet';
import { freePort } from './monitor-process.js';
import { until } from './until.js';

/** A real Mosquitto on a port of its own, which can be killed and comes back on the same one. */
export class TestBroker {
  private child: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    private readonly config: string,
  ) {}

  /** `lines`: of its configuration besides the listener; without them anybody is let in. */
  static async start(
    folder: string,
    lines: string[] = ['allow_anonymous true'],
  ): Promise<TestBroker> {
    await mkdir(folder, { recursive: true });
    const port = await freePort();
    const config = join(folder, 'mosquitto.conf');
    const base = [`listener ${port} 127.0.0.1`, `user ${userInfo().username}`];
    base.push('persistence true', `persistence_location ${folder}/`, 'set_tcp_nodelay true');
    await writeFile(config, [...base, ...lines, ''].join('\n'));
    const broker = new TestBroker(port, config);
    await broker.up();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Resolves once it can be connected to. */
  async up(): Promise<void> {
    this.child = spawn('mosquitto', ['-c', this.config], { stdio: 'ignore' });
    await until(() => answers(this.port), 'the broker listens');
  }

  /** SIGTERM: what it has to keep it writes down. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (this.child === null) return;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
    this.child = null;
  }

  /** Stops it where it is, as a machine that hangs. */
  freeze(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => socket.destroy());
    socket.on('connect', () => socket.end());
  });
}

export interface Heard {
  topic: string;
  text: string;
  retained: boolean;
  packet: IPublishPacket;
}

/** A client that notes all it hears. */
export class TestClient {
  readonly heard: Heard[] = [];

  private constructor(readonly mqtt: MqttClient) {
    mqtt.on('message', (topic, payload, packet) => {
      this.heard.push({ topic, text: payload.toString(), retained: packet.retain, packet });
    });
    mqtt.on('error', () => undefined);
  }

  static async connect(url: string, options: IClientOptions = {}): Promise<TestClient> {
    const mqtt = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 200, ...options });
    const client = new TestClient(mqtt);
    await mqtt.subscribeAsync('#', { qos: 1 });
    return client;
  }

  /** What was heard last on a topic that ends so, as JSON; null where nothing was. */
  last(topicEnd: string): Record<string, unknown> | null {
    const found = this.heard.filter(({ topic }) => topic.endsWith(topicEnd)).at(-1);
    return found === undefined ? null : (JSON.parse(found.text) as Record<string, unknown>);
  }

  texts(topicEnd: string): string[] {
    return this.heard.filter(({ topic }) => topic.endsWith(topicEnd)).map(({ text }) => text);
  }

  async close(): Promise<void> {
    await this.mqtt.endAsync(true);
  }
}
