import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/config/merge-patch.js';
import { mergePatch } from '../../src/config/merge-patch.js';
import { Gate } from '../../src/access/gate.js';
import { secretsPath } from '../../src/access/secrets.js';
import { Controller } from '../../src/controller/controller.js';
import { loadControllerSettings } from '../../src/controller/settings.js';
import type { MonitorView } from '../../src/controller/shapes.js';
import type { Route } from '../../src/http/route.js';
import { HttpServer } from '../../src/http/server.js';
import { controllerSite } from '../../src/http/sites/controller.js';
import { createLog } from '../../src/log.js';
import { loadAddon } from '../../src/native.js';
import { startMonitorCommand, type MonitorCommand } from './command.js';
import { HttpClient } from './http-client.js';
import { until } from './until.js';

export interface FleetMonitor extends MonitorCommand {
  address: string;
  folder: string;
}

const small = {
  camera: { id: 'synthetic', width: 320, height: 180, fps: 30 },
  encoder: { kind: 'software', preset: 'ultrafast' },
};

/** `pi-monitor monitor` as a process of its own, small; `port` 0 takes any. */
export async function startFleetMonitor(
  folder: string,
  port = 0,
  settings: JsonObject = {},
): Promise<FleetMonitor> {
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify(mergePatch(small, settings)));
  const args = [
    '--host',
    '127.0.0.1',
    '--data',
    folder,
    '--config',
    config,
    '--port',
    String(port),
  ];
  const started = await startMonitorCommand(args);
  return { ...started, address: `127.0.0.1:${started.client.port}`, folder };
}

export interface TestController {
  controller: Controller;
  client: HttpClient;
  folder: string;
  gate: Gate;
  /** The server's table. */
  routes: readonly Route[];
  /** Stops it; what it keeps on disk stays, and another can be started on it. */
  stop: () => Promise<void>;
}

/** A controller of this process behind real sockets. */
export async function startController(
  folder: string,
  settings: JsonObject = {},
  transferAgainMs?: number,
): Promise<TestController> {
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'controller.json');
  await writeFile(config, JSON.stringify(mergePatch({ server: { port: 0 } }, settings)));
  const log = createLog('silent');
  const addon = loadAddon();
  const controller = new Controller(
    await loadControllerSettings({ data: folder, config }),
    () => addon.clockState().wallUs,
    log,
    transferAgainMs,
  );
  const gate = await Gate.open(secretsPath(folder), null, log);
  const server = new HttpServer(controllerSite(controller), gate, log);
  await controller.load();
  await server.listen();
  await controller.start();
  return {
    controller,
    client: new HttpClient(server.port),
    folder,
    gate,
    routes: server.operations.routes,
    stop: async () => {
      gate.close();
      server.stopListening();
      controller.stop();
      server.close();
    },
  };
}

export async function tempFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-fleet-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export async function monitorsOf(client: HttpClient): Promise<MonitorView[]> {
  return (await client.get('/api/v1/monitors')).json()['items'] as MonitorView[];
}

/** Waits until the controller shows so many monitors of which `condition` is true; returns them all. */
export function untilMonitors(
  client: HttpClient,
  count: number,
  condition: (monitor: MonitorView) => boolean,
  what: string,
  limitMs?: number,
): Promise<MonitorView[]> {
  return until(
    async () => {
      const monitors = await monitorsOf(client);
      return monitors.filter(condition).length === count ? monitors : null;
    },
    what,
    limitMs,
  );
}
