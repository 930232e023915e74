import { join } from 'node:path';
import { ConfigStore, expandHome } from '../config/store.js';
import type { ConfigPatch } from '../config/config.js';
import { HttpServer } from '../http/server.js';
import { createLog, type LogLevel } from '../log.js';
import { Monitor } from '../monitor/monitor.js';
import { loadAddon } from '../native.js';
import { stopSignal } from './signals.js';

export interface MonitorOptions {
  port?: number;
  host?: string;
  data?: string;
  config?: string;
  camera?: string;
  encoder?: string;
  log: LogLevel;
}

/** Serves until SIGINT or SIGTERM. Throws what keeps it from starting, as one sentence. */
export async function runMonitor(options: MonitorOptions): Promise<void> {
  const log = createLog(options.log);
  const data = expandHome(options.data ?? '~/pi-monitor');
  const path =
    options.config === undefined ? join(data, 'config.json') : expandHome(options.config);
  const store = await ConfigStore.load(path, commandLine(options));
  const monitor = new Monitor(loadAddon(), store, log);
  const server = new HttpServer(monitor, log);
  const stopping = stopSignal();
  await server.listen(); // first: a port that is taken must not cost another monitor its camera
  await monitor.start();

  const signal = await stopping;
  log.info({ signal }, 'Stopping.');
  server.stopListening();
  await monitor.stop();
  server.close();
  log.info('Stopped.');
  process.exit(0); // whatever a client still holds open
}

/** The layer of the configuration that holds for this run. */
function commandLine({ port, host, data, camera, encoder }: MonitorOptions): ConfigPatch {
  return {
    ...(data !== undefined && { dataFolder: data }),
    server: { ...(port !== undefined && { port }), ...(host !== undefined && { host }) },
    camera: { ...(camera !== undefined && { id: camera }) },
    encoder: { ...(encoder !== undefined && { kind: encoder }) },
  };
}
