import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gate } from '../../src/access/gate.js';
import { secretsPath } from '../../src/access/secrets.js';
import type { ConfigPatch } from '../../src/config/config.js';
import { mergePatch } from '../../src/config/merge-patch.js';
import { ConfigStore } from '../../src/config/store.js';
import type { Route } from '../../src/http/route.js';
import { HttpServer } from '../../src/http/server.js';
import { monitorSite } from '../../src/http/sites/monitor.js';
import { SystemControl } from '../../src/system/control.js';
import { createLog } from '../../src/log.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { loadAddon, type Addon, type Session } from '../../src/native.js';
import { HttpClient } from './http-client.js';
import { until } from './until.js';

/** A monitor of this process behind real sockets, with a small synthetic camera. */
export interface TestServer {
  monitor: Monitor;
  client: HttpClient;
  /** The server's table. */
  routes: readonly Route[];
  folder: string;
  gate: Gate;
  control: SystemControl;
  /** The addon's session that runs now; faults are injected into it. */
  session: () => Session;
  close: () => Promise<void>;
}

export const smallCamera = { id: 'synthetic', width: 320, height: 180, fps: 30 };

/** `replaced`: parts of the addon that a test plays itself. */
export async function startServer(
  settings: ConfigPatch = {},
  replaced: Partial<Addon> = {},
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  const defaults = {
    camera: smallCamera,
    server: { port: 0, host: 'all' },
    dataFolder: join(folder, 'data'),
  };
  const path = join(folder, 'config.json');
  const store = await ConfigStore.load(path, mergePatch(defaults, settings) as ConfigPatch);
  const { addon, newest } = watched({ ...loadAddon(), ...replaced });
  const log = createLog('silent');
  const monitor = new Monitor(addon, store, log);
  const control = new SystemControl(true);
  const gate = await Gate.open(secretsPath(store.dataFolder), null, log);
  const server = new HttpServer(monitorSite(monitor, control, gate), gate, log);
  await server.listen();
  await monitor.start();
  return {
    monitor,
    client: new HttpClient(server.port),
    routes: server.operations.routes,
    folder,
    gate,
    control,
    session: newest,
    close: async () => {
      gate.close();
      server.stopListening();
      await monitor.stop();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The addon as it is, but for a note of the session that was made last. */
function watched(addon: Addon): { addon: Addon; newest: () => Session } {
  let newest: Session | null = null;
  const { Session: Real } = addon;
  const Watched = function (listener: ConstructorParameters<typeof Real>[0]): Session {
    newest = new Real(listener);
    return newest;
  } as unknown as Addon['Session'];
  return {
    addon: { ...addon, Session: Watched },
    newest: () => {
      if (newest === null) throw new Error('no session was made');
      return newest;
    },
  };
}

/** Records until `frames` are written, and returns the certificate. */
export async function recordFrames(
  { client }: Pick<TestServer, 'client'>,
  frames: number,
  body: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const started = await client.send('POST', '/api/v1/recording', { body });
  if (started.status !== 201) throw new Error(started.bytes.toString());
  await until(async () => {
    const { recording } = (await client.get('/api/v1/status')).json();
    return ((recording as { frames: number } | null)?.frames ?? 0) >= frames;
  }, `${frames} frames are written`);
  return (await client.send('DELETE', '/api/v1/recording')).json();
}
