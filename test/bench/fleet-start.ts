import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Run } from '../../src/controller/runs/shapes.js';
import type { MonitorView } from '../../src/controller/shapes.js';
import type { Certificate } from '../../src/monitor/certificate.js';
import { startControllerCommand } from '../support/command.js';
import { monitorsOf, tempFolder, untilMonitors } from '../support/fleet.js';
import type { HttpClient } from '../support/http-client.js';
import { LabNetwork } from '../support/lab-network.js';
import { until } from '../support/until.js';
import { labAddress, LabMonitor } from './lab-monitor.js';
import { table } from './stats.js';

const count = 12;
const runs = 3;
/** Small and slow, so that two cores bear twelve of them. */
const settings = {
  camera: { id: 'synthetic', width: 320, height: 180, fps: 10 },
  encoder: { kind: 'software', preset: 'ultrafast' },
};
const intervalMs = 1000 / settings.camera.fps;

/**
 * Twelve monitors, each a process in a network namespace of its own, begin together. As all of them have
 * this machine's sensor clock, the true spread is known too. Then one of them changes its address.
 */
export async function benchFleetStart(): Promise<object> {
  const { folder, remove } = await tempFolder();
  const network = new LabNetwork(count);
  const monitors: LabMonitor[] = [];
  try {
    network.make();
    for (const [i, machine] of network.machines.entries())
      monitors.push(await LabMonitor.start(machine, join(folder, String(i)), settings));
    const fleet = {
      monitors: network.machines.map((_, i) => labAddress(network.address(i))),
      discovery: false,
      limits: { clockUncertaintyMs: 1000 },
    };
    await writeFile(join(folder, 'controller.json'), JSON.stringify(fleet));
    const controller = await startControllerCommand(['--data', folder]);
    const { client } = controller;
    try {
      const known = ({ clock, status }: MonitorView): boolean =>
        clock !== null && status?.state === 'idle';
      await untilMonitors(client, count, known, 'all answer', 120_000);
      const starts = [];
      for (let i = 0; i < runs; i++) starts.push(await startTogether(client));
      print(starts);
      const identity = await moveOne(client, network);
      console.log(
        `another address: ${identity.kept ? 'the same monitor' : 'NOT the same monitor'}`,
      );
      return { starts, identity, load: loadavg() };
    } finally {
      await controller.command.kill('SIGTERM');
    }
  } finally {
    await Promise.all(monitors.map((one) => one.stop()));
    network.remove();
    await remove();
  }
}

interface Start {
  reports: number;
  /** As the controller reports it. */
  spreadMs: number;
  uncertaintyMs: number;
  /** By the sensor clock that all have in common. */
  trueSpreadMs: number;
}

async function startTogether(client: HttpClient): Promise<Start> {
  const body = { targets: 'all', duration: '3s', lead: '5s' };
  const { id } = (await client.send('POST', '/api/v1/runs', { body })).json();
  const run = await until(
    async () => {
      const now = (await client.get(`/api/v1/runs/${String(id)}`)).json() as unknown as Run;
      return (now.state === 'done' || now.state === 'failed') && now;
    },
    'all have recorded',
    60_000,
  );
  if (run.state === 'failed') throw new Error(JSON.stringify(run));
  const firsts = await Promise.all(
    run.monitors.map(async ({ id, recording }) => {
      const path = `/api/v1/monitors/${id}/api/recordings/${recording}`;
      const { start } = (await client.get(path)).json() as unknown as Certificate;
      return start.sensorNs ?? NaN;
    }),
  );
  return {
    reports: run.monitors.filter(({ firstFrameWallUs }) => firstFrameWallUs !== null).length,
    spreadMs: (run.spreadUs ?? NaN) / 1000,
    uncertaintyMs: (run.uncertaintyUs ?? NaN) / 1000,
    trueSpreadMs: (Math.max(...firsts) - Math.min(...firsts)) / 1e6,
  };
}

function print(starts: readonly Start[]): void {
  console.log(
    table([
      ['start', 'reports', 'spread ms', '± ms', 'true spread ms', 'allowed ms'],
      ...starts.map(({ reports, spreadMs, uncertaintyMs, trueSpreadMs }, i) => [
        String(i + 1),
        `${reports} of ${count}`,
        spreadMs.toFixed(1),
        uncertaintyMs.toFixed(1),
        trueSpreadMs.toFixed(1),
        (intervalMs + uncertaintyMs).toFixed(1),
      ]),
    ]),
  );
}

/** The last monitor gets another address, and somebody adds that: is it still the same one? */
async function moveOne(client: HttpClient, network: LabNetwork): Promise<{ kept: boolean }> {
  const last = count - 1;
  const at = async (address: string): Promise<MonitorView | undefined> => {
    return (await monitorsOf(client)).find((one) => one.address === labAddress(address));
  };
  const before = await at(network.address(last));
  const address = network.readdress(last);
  const body = { address: labAddress(address) };
  await client.send('POST', '/api/v1/monitors', { body });
  const after = await until(
    async () => {
      const one = await at(address);
      return one?.reachable === true && one.id === before?.id && one;
    },
    'it is found at its new address',
    30_000,
  );
  const entries = (await monitorsOf(client)).filter(({ id }) => id === after.id);
  return { kept: entries.length === 1 && after.number === before?.number };
}
