import { Gate } from '../access/gate.js';
import { secretsPath } from '../access/secrets.js';
import { Controller } from '../controller/controller.js';
import { loadControllerSettings, type ControllerOptions } from '../controller/settings.js';
import { HttpServer } from '../http/server.js';
import { controllerSite } from '../http/sites/controller.js';
import { createLog, type Logger, type LogLevel } from '../log.js';
import { loadAddon } from '../native.js';
import { announce } from '../system/announce.js';
import { boardSerial } from '../system/identity.js';
import { Systemd } from '../system/systemd.js';
import type { Rehearsal } from '../rehearsal/rehearsal.js';
import { rehearse } from './rehearse.js';
import { stopSignal } from './signals.js';

export interface ControllerCommandOptions extends ControllerOptions {
  log: LogLevel;
  /** So many simulated monitors instead of real ones. */
  rehearse?: number;
  /** What befalls them: a file, or `none`. */
  faults?: string;
}

/** Serves many monitors until SIGINT, SIGTERM or SIGHUP. Throws what keeps it from starting. */
export async function runController(options: ControllerCommandOptions): Promise<void> {
  const log = createLog(options.log);
  const rehearsed = options.rehearse === undefined ? null : await rehearse(options, log);
  try {
    await serve(rehearsed?.options ?? options, rehearsed?.rehearsal ?? null, log);
  } finally {
    rehearsed?.endPlan();
    await rehearsed?.rehearsal.stop();
  }
  process.exit(0); // whatever a client still holds open
}

async function serve(
  options: ControllerOptions,
  rehearsal: Rehearsal | null,
  log: Logger,
): Promise<void> {
  const settings = await loadControllerSettings(options);
  const addon = loadAddon();
  const systemd = new Systemd(process.env, (path, message) => addon.notifySocket(path, message));
  const controller = new Controller(settings, () => addon.clockState().wallUs, log);
  const gate = await Gate.open(secretsPath(settings.dataFolder), await boardSerial(), log);
  const site = controllerSite(controller, rehearsal);
  const server = new HttpServer(site, gate, log);
  const stopping = stopSignal();
  await controller.load();
  await server.listen();
  await controller.start();
  const isAnnounced = settings.server.announce !== 'off' && rehearsal === null;
  const what = { id: controller.id, port: server.port, page: site.page };
  const announcement = isAnnounced
    ? announce({ type: 'pi-monitor-controller', ...what }, log)
    : null;
  const beat = reportTo(systemd, controller);
  const reason = await stopping;
  log.info({ reason }, 'Stopping.');
  clearInterval(beat);
  if (systemd.listens) systemd.stopping();
  const goodbye = announcement?.stop();
  server.stopListening();
  controller.stop();
  server.close();
  await goodbye;
  log.info('Stopped.');
}

const beatMs = 1000;

function reportTo(systemd: Systemd, { fleet }: Controller): NodeJS.Timeout | undefined {
  if (!systemd.listens) return undefined;
  systemd.ready();
  return setInterval(() => {
    const members = fleet.members();
    const reachable = members.filter((one) => one.reachable).length;
    systemd.status(`${reachable} of ${members.length} monitors answer`);
    if (systemd.watchdogMs !== null) systemd.watchdog();
  }, beatMs);
}
