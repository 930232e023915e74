import { HttpServer } from '../http/server.js';
import { createLog, type LogLevel } from '../log.js';
import { Monitor } from '../monitor/monitor.js';
import { loadAddon } from '../native.js';
import { loadConfiguration, type ConfigurationOptions } from './configuration.js';
import { stopSignal } from './signals.js';

export interface MonitorOptions extends ConfigurationOptions {
  log: LogLevel;
}

/** Serves until SIGINT or SIGTERM. Throws what keeps it from starting, as one sentence. */
export async function runMonitor(options: MonitorOptions): Promise<void> {
  const log = createLog(options.log);
  const store = await loadConfiguration(options);
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
