import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Transfer } from '../../src/controller/transfers/shapes.js';
import type { Certificate } from '../../src/monitor/certificate.js';
import { startControllerCommand } from '../support/command.js';
import { monitorsOf, tempFolder, untilMonitors } from '../support/fleet.js';
import type { HttpClient } from '../support/http-client.js';
import { LabNetwork } from '../support/lab-network.js';
import { until } from '../support/until.js';
import { labAddress, LabMonitor } from './lab-monitor.js';
import { table } from './stats.js';

const run = promisify(execFile);

/** A Pi's wired link, and a recording that takes ten seconds over it. */
const megabitsPerSecond = 100;
const bytesWanted = 120e6;
/** The synthetic camera's noise kept whole makes much data in a short time. */
const settings = {
  camera: { id: 'synthetic', width: 1280, height: 720, fps: 10 },
  encoder: { kind: 'software', preset: 'ultrafast', quality: 0 },
};

/** How fast a controller fetches a recording over a link, verified, and how fast curl does. */
export async function benchTransfer(): Promise<object> {
  const { folder, remove } = await tempFolder();
  const network = new LabNetwork(1);
  let monitor: LabMonitor | null = null;
  try {
    network.make();
    monitor = await LabMonitor.start(network.machines[0] ?? '', join(folder, 'a'), settings);
    const address = labAddress(network.address(0));
    const fleet = { monitors: [address], discovery: false };
    await writeFile(join(folder, 'controller.json'), JSON.stringify(fleet));
    const { command, client } = await startControllerCommand(['--data', folder]);
    try {
      await untilMonitors(
        client,
        1,
        ({ status }) => status?.state === 'idle',
        'it answers',
        60_000,
      );
      const { path, bytes } = await record(client);
      network.limit(0, megabitsPerSecond);
      const url = `http://${address}/api/v1/files/big/${path}`;
      const curls = [await curl(url, folder)];
      const fetched = await fetch(client);
      curls.push(await curl(url, folder));
      return tell(bytes, curls, fetched);
    } finally {
      await command.kill('SIGTERM');
    }
  } finally {
    await monitor?.stop();
    network.remove();
    await remove();
  }
}

/** Makes a recording large enough; resolves with its video once that has a checksum. */
async function record(client: HttpClient): Promise<{ path: string; bytes: number }> {
  const [monitor] = await monitorsOf(client);
  const api = `/api/v1/monitors/${monitor?.id ?? ''}/api`;
  const started = await client.send('POST', `${api}/recording`, { body: { name: 'big' } });
  if (started.status !== 201) throw new Error(started.bytes.toString());
  await until(
    async () => {
      const { recording } = (await client.get(`${api}/status`)).json();
      return ((recording as { bytes: number } | null)?.bytes ?? 0) > bytesWanted;
    },
    'it is large enough',
    180_000,
  );
  await client.send('DELETE', `${api}/recording`);
  return until(
    async () => {
      const answer = (await client.get(`${api}/recordings/big`)).json() as unknown as Certificate;
      const video = answer.files.find(({ path }) => path.endsWith('.mp4'));
      const whole = answer.files.every(({ sha256 }) => sha256 !== null);
      return whole && video !== undefined && { path: video.path, bytes: video.bytes ?? 0 };
    },
    'the checksums are made',
    60_000,
  );
}

/** Seconds. */
async function curl(url: string, folder: string): Promise<number> {
  const began = performance.now();
  await run('curl', ['--silent', '--fail', '--output', join(folder, 'curl'), url]);
  return (performance.now() - began) / 1000;
}

/** Seconds until all of it had come, and until it was read from the disk again and marked. */
async function fetch(client: HttpClient): Promise<{ received: number; verified: number }> {
  const began = performance.now();
  let received = NaN;
  const body = { targets: 'all' };
  const { id } = (await client.send('POST', '/api/v1/transfers', { body })).json();
  const transfer = await until(
    async () => {
      const now = (
        await client.get(`/api/v1/transfers/${String(id)}`)
      ).json() as unknown as Transfer;
      const fetching = now.items.some(({ state }) => state === 'fetching');
      if (fetching) received = (performance.now() - began) / 1000;
      return now.state !== 'running' && now;
    },
    'it is fetched',
    180_000,
  );
  if (transfer.state !== 'done') throw new Error(JSON.stringify(transfer));
  return { received, verified: (performance.now() - began) / 1000 };
}

function tell(
  bytes: number,
  curls: readonly number[],
  fetched: { received: number; verified: number },
): object {
  const best = Math.min(...curls);
  const rate = (seconds: number): string => ((bytes * 8) / 1e6 / seconds).toFixed(1);
  console.log(
    table([
      [`${(bytes / 1e6).toFixed(0)} MB over ${megabitsPerSecond} Mb/s`, 'seconds', 'Mb/s'],
      ...curls.map((seconds) => ['curl', seconds.toFixed(2), rate(seconds)]),
      ...Object.entries(fetched).map(([until, seconds]) => [
        `controller, ${until}`,
        seconds.toFixed(2),
        rate(seconds),
      ]),
    ]),
  );
  const slower = fetched.verified / best - 1;
  const load = loadavg();
  console.log(
    `slower than curl by ${(slower * 100).toFixed(1)} %; load ${load[0]?.toFixed(1) ?? ''}`,
  );
  return { bytes, curls, fetched, slower, load };
}
