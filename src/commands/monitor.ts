import { setTimeout as delay } from 'node:timers/promises';
import { Gate } from '../access/gate.js';
import { secretsPath } from '../access/secrets.js';
import type { Config } from '../config/schema.js';
import { HttpServer } from '../http/server.js';
import { monitorSite } from '../http/sites/monitor.js';
import { createLog, type Logger, type LogLevel } from '../log.js';
import { Monitor } from '../monitor/monitor.js';
import { MonitorOnBroker } from '../mqtt/monitor-on-broker.js';
import { ownAddress } from '../mqtt/own-address.js';
import { loadAddon } from '../native.js';
import { loadConfiguration, type ConfigurationOptions } from './configuration.js';
import { announce, serviceType } from '../system/announce.js';
import { SystemControl } from '../system/control.js';
import { boardSerial } from '../system/identity.js';
import { Systemd, temporaryFailure } from '../system/systemd.js';
import { reportToSystemd } from './service.js';
import { stopSignal } from './signals.js';

export interface MonitorOptions extends ConfigurationOptions {
  log: LogLevel;
}

/** A camera or a disk that hangs must not keep the program; a recording gets time for its file. */
const stopMs = { idle: 2500, recording: 10_000 };

/**
 * Serves until SIGINT, SIGTERM or SIGHUP; under systemd also until the camera has been given up, or somebody
 * asks for it, for systemd to start it afresh. Without systemd it stays up and goes on trying. Throws what keeps it from starting,
 * as one sentence.
 */
export async function runMonitor(options: MonitorOptions): Promise<void> {
  const log = createLog(options.log);
  const store = await loadConfiguration(options);
  const addon = loadAddon();
  const systemd = new Systemd(process.env, (path, message) => addon.notifySocket(path, message));
  const gate = await Gate.open(secretsPath(store.dataFolder), await boardSerial(), log);
  const control = new SystemControl(systemd.listens);
  const monitor = new Monitor(addon, store, log);
  const site = monitorSite(monitor, control, gate);
  const server = new HttpServer(site, gate, log);
  const stopping = stopSignal();
  await server.listen(); // first: a port that is taken must not cost another monitor its camera
  await Promise.race([monitor.start(), stopping]); // a camera may hang while it is opened
  const stopReporting = reportToSystemd(systemd, monitor);
  const announcement =
    store.current.server.announce === 'off'
      ? null
      : announce(
          { type: serviceType, id: monitor.status().id, port: server.port, page: site.page },
          log,
        );

  const broker = onBroker(monitor, gate, server, store.current, log);

  const gaveUp = monitor.gaveUp.then(() => 'camera-lost' as const);
  const restart = control.restartAsked.then(() => 'restart' as const);
  const reason = await Promise.race([stopping, restart, ...(systemd.listens ? [gaveUp] : [])]);
  log.info({ reason }, 'Stopping.');
  stopReporting();
  const goodbye = announcement?.stop();
  server.stopListening();
  const patience = monitor.state === 'recording' ? stopMs.recording : stopMs.idle;
  // Ctrl-C is a person's wish; a recording that systemd or a closed terminal ends goes on at the next start.
  await Promise.race([monitor.stop(reason === 'SIGINT'), delay(patience)]);
  await broker?.stop();
  server.close();
  await goodbye;
  log.info('Stopped.');
  const again = reason === 'camera-lost' || reason === 'restart';
  process.exit(again ? temporaryFailure : 0); // whatever a client still holds open
}

/** Null: no broker is configured. */
function onBroker(
  monitor: Monitor,
  gate: Gate,
  { port, operations }: HttpServer,
  { mqtt, server }: Config,
  log: Logger,
): MonitorOnBroker | null {
  if (mqtt.url === '') return null;
  const broker = new MonitorOnBroker({
    settings: mqtt,
    id: monitor.status().id,
    run: monitor.run,
    events: monitor.events,
    operations,
    isOpen: () => gate.isOpen,
    status: () => monitor.status(),
    wallUs: () => monitor.wallUs(),
    address: (localAddress) => ownAddress(server, port, localAddress),
    log,
  });
  monitor.attachBroker(() => broker.state);
  broker.start();
  return broker;
}
