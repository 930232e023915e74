import { copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Gate } from '../access/gate.js';
import { secretsPath } from '../access/secrets.js';
import { ConfigStore } from '../config/store.js';
import { HttpServer } from '../http/server.js';
import { monitorSite } from '../http/sites/monitor.js';
import type { Logger } from '../log.js';
import { Monitor } from '../monitor/monitor.js';
import type { Addon } from '../native.js';
import type { SystemAction } from '../system/control.js';
import { Serial } from '../system/serial.js';
import { Link } from './link.js';
import { PretendedMachine } from './pretended-machine.js';

export interface SimulationOptions {
  name: string;
  index: number;
  folder: string;
  fps: number;
}

/** How long it is off where somebody asks for it, ms; after a shutdown a person plugs it in again. */
const offMs: Record<SystemAction, number> = { restart: 1000, reboot: 5000, shutdown: 30_000 };

interface Running {
  monitor: Monitor;
  server: HttpServer;
  gate: Gate;
}

/**
 * The whole monitor with its API, its recorder and the synthetic camera, small and slow, on a machine that
 * is pretended and at the end of a link that can fail.
 */
export class SimulatedMonitor {
  readonly machine: PretendedMachine;
  readonly link = new Link(() => this.running?.server.port ?? 0);
  private running: Running | null = null;
  /** Goes on and off one after the other, whoever asks. */
  private readonly power = new Serial();

  constructor(
    addon: Addon,
    readonly options: SimulationOptions,
    private readonly log: Logger,
  ) {
    this.machine = new PretendedMachine(addon, options.name, options.index);
  }

  async start(): Promise<void> {
    await this.power.run(() => this.turnOn());
    await this.link.open();
  }

  async stop(): Promise<void> {
    this.link.close();
    await this.power.run(() => this.turnOff());
  }

  /** Off at once, as for a reboot: a recording goes on afterwards. */
  async off(): Promise<void> {
    await this.link.set('unplugged');
    await this.power.run(() => this.turnOff());
  }

  async on(): Promise<void> {
    await this.power.run(() => this.turnOn());
    await this.link.set('up');
  }

  /** Started from a copy of another's memory card. */
  async becomeCopyOf(original: SimulatedMonitor): Promise<void> {
    await this.off();
    await rename(this.identity, `${this.identity}.own`);
    await copyFile(original.identity, this.identity);
    await this.on();
  }

  async becomeItselfAgain(): Promise<void> {
    await this.off();
    await rename(`${this.identity}.own`, this.identity);
    await this.on();
  }

  private get identity(): string {
    return join(this.options.folder, 'identity.json');
  }

  private async turnOn(): Promise<void> {
    if (this.running !== null) return;
    const { folder, fps } = this.options;
    const store = await ConfigStore.load(join(folder, 'config.json'), {
      dataFolder: folder,
      server: { host: '127.0.0.1', port: 0, announce: 'off' },
      camera: { id: 'synthetic', width: 320, height: 180, fps },
      encoder: { kind: 'software', preset: 'ultrafast' },
    });
    const { log, machine } = this;
    const { addon, surroundings } = machine;
    const monitor = new Monitor(addon, store, log, surroundings);
    const gate = await Gate.open(secretsPath(folder), null, log);
    const control = { act: (action: SystemAction) => this.act(action) };
    const server = new HttpServer(monitorSite(monitor, control, gate), gate, log);
    this.running = { monitor, server, gate };
    await server.listen();
    await monitor.start();
  }

  private async turnOff(): Promise<void> {
    if (this.running === null) return;
    const { monitor, server, gate } = this.running;
    this.running = null;
    gate.close();
    server.stopListening();
    await monitor.stop();
    server.close();
  }

  /** As SystemControl: resolves once it is under way, and then it still answers the call. */
  private act(action: SystemAction): Promise<void> {
    const offAndOn = async (): Promise<void> => {
      await delay(200);
      await this.off();
      await delay(offMs[action]);
      await this.on();
    };
    void offAndOn();
    return Promise.resolve();
  }
}
