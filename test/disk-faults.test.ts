// Disks that fail below a running server, from outside: its own process, a real file system.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import type { Certificate } from '../src/monitor/certificate.js';
import type { Status } from '../src/monitor/status.js';
import { startMonitorCommand, type MonitorCommand } from './support/command.js';
import type { HttpClient } from './support/http-client.js';
import { disagreements } from './support/recording-check.js';
import { until } from './support/until.js';
import { TestViewer } from './support/viewer.js';

const run = promisify(execFile);
const width = 320;

interface Faulty extends MonitorCommand {
  recordings: string;
  /** Where a file spoils the disk. */
  flag: string;
}

/** Where the library is that spoils disks. */
let built = '';

t.before(async () => {
  built = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  const source = fileURLToPath(new URL('../../test/support/faulty-disk.cc', import.meta.url));
  await run('g++', ['-shared', '-fPIC', '-o', join(built, 'faulty-disk.so'), source]);
});

t.after(() => rm(built, { recursive: true, force: true }));

async function temporary(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function start(t: Test, folder: string, data: string): Promise<Faulty> {
  const config = join(folder, 'small.json');
  const camera = { id: 'synthetic', width, height: 180 };
  const disk = { reserveMegabytes: 0, reservePercent: 0 };
  await writeFile(config, JSON.stringify({ camera, disk }));
  const flag = join(folder, 'fault');
  const monitor = await startMonitorCommand(['--data', data, '--config', config], {
    LD_PRELOAD: join(built, 'faulty-disk.so'),
    FAULTY_DISK: flag,
  });
  t.teardown(async () => {
    await rm(flag, { force: true });
    await monitor.command.kill('SIGTERM');
  });
  return { ...monitor, recordings: join(data, 'recordings'), flag };
}

const status = async (client: HttpClient): Promise<Status> =>
  (await client.get('/api/v1/status')).json() as unknown as Status;

async function record(client: HttpClient, name: string, frames = 30): Promise<void> {
  const started = await client.send('POST', '/api/v1/recording', { body: { name } });
  if (started.status !== 201) throw new Error(started.bytes.toString());
  await until(
    async () => ((await status(client)).recording?.frames ?? 0) >= frames,
    `${frames} frames are written`,
  );
}

async function stop(client: HttpClient): Promise<Certificate> {
  return (await client.send('DELETE', '/api/v1/recording')).json() as unknown as Certificate;
}

async function ended(client: HttpClient, name: string): Promise<Certificate> {
  // The certificate is final a moment before another recording can begin.
  await until(async () => (await status(client)).state === 'idle', 'the monitor is idle again');
  return until(async () => {
    const one = (await client.get(`/api/v1/recordings/${name}`)).json();
    return one['state'] === 'ended' && (one as unknown as Certificate);
  }, `${name} has ended`);
}

t.test('a disk that does not answer for ten seconds', async (t) => {
  const folder = await temporary(t);
  const { client, recordings, flag } = await start(t, folder, join(folder, 'data'));
  await record(client, 'stalled');
  const viewer = new TestViewer(client.socket('/api/v1/preview?ack=1'));
  t.teardown(() => viewer.close());
  await until(() => viewer.seen.length > 0, 'there is a picture');
  await writeFile(flag, 'stall');
  // More of them than there are threads that wait for disks.
  const waiting = Array.from({ length: 8 }, () => client.get('/api/v1/recordings'));
  let slowestMs = 0;
  await until(async () => {
    const began = performance.now();
    const { disk } = await status(client);
    slowestMs = Math.max(slowestMs, performance.now() - began);
    return (disk.ageMs ?? 0) > 10_500;
  }, 'its last answer has grown old');
  t.ok(slowestMs < 1000, `/status took at most ${Math.round(slowestMs)} ms`);
  const times = viewer.seen.map(({ atMs }) => atMs);
  const pauseMs = Math.max(...times.map((at, i) => at - (times[i - 1] ?? at)));
  t.ok(times.length > 50, `${times.length} pictures were seen`);
  t.ok(pauseMs < 2000, `at most ${Math.round(pauseMs)} ms passed from one to the next`);
  const refused = await client.send('POST', '/api/v1/recording');
  t.equal(refused.status, 409, 'the recording runs');
  await unlink(flag);
  for (const answer of await Promise.all(waiting))
    t.equal(answer.status, 200, 'late, but answered');
  await until(async () => ((await status(client)).disk.ageMs ?? Infinity) < 3000, 'it is back');
  const certificate = await stop(client);
  t.equal(certificate.losses?.writer, 0, 'nothing is lost for want of the disk');
  t.ok((certificate.frames?.written ?? 0) > 300, 'it went on all the time');
  t.strictSame(await disagreements(join(recordings, 'stalled'), certificate, width), []);
});

t.test('a disk that does not answer takes no recording', async (t) => {
  const folder = await temporary(t);
  const { client, flag } = await start(t, folder, join(folder, 'data'));
  await until(async () => (await status(client)).disk.ageMs !== null, 'it has answered once');
  await writeFile(flag, 'stall');
  const refused = await client.send('POST', '/api/v1/recording');
  t.match(refused.json(), { code: 'disk-gone', detail: /does not answer|has not answered/ });
  t.match(await status(client), { state: 'idle' });
});

t.test('a disk that breaks', async (t) => {
  const folder = await temporary(t);
  const { client, recordings, flag } = await start(t, folder, join(folder, 'data'));
  await record(client, 'broken');
  await writeFile(flag, 'eio');
  const certificate = await ended(client, 'broken');
  t.match(certificate, { verdict: 'interrupted', stop: { reason: 'disk-error' } });
  t.match(await status(client), { state: 'idle' });
  const refused = await client.send('POST', '/api/v1/recording', { body: { name: 'refused' } });
  t.equal(refused.status, 503, refused.bytes.toString());
  await unlink(flag);
  t.strictSame(await disagreements(join(recordings, 'broken'), certificate, width), []);
  await record(client, 'mended');
  const mended = await stop(client);
  t.match(mended, { verdict: 'complete' });
  t.strictSame(await disagreements(join(recordings, 'mended'), mended, width), []);
});

t.test('a disk that becomes read-only', async (t) => {
  const folder = await temporary(t);
  const data = join(folder, 'data');
  const device = await mountImage(t, folder, data);
  if (device === null) {
    t.pass('a read-only disk', { skip: 'an image cannot be mounted here' });
    return;
  }
  const { client, recordings } = await start(t, folder, data);
  await record(client, 'locked');
  await writeFile(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, 'test');
  const certificate = await ended(client, 'locked');
  t.match(certificate, { verdict: 'interrupted', stop: { reason: 'disk-error' } });
  t.strictSame(await disagreements(join(recordings, 'locked'), certificate, width), []);
  const refused = await client.send('POST', '/api/v1/recording');
  t.equal(refused.status, 503);
  t.match(refused.json(), { code: 'disk-unwritable' });
  t.match(await status(client), { state: 'idle' });
  t.equal((await client.get('/snapshot.jpg')).status, 200, 'pictures still come');
});

/** A disk of its own that becomes read-only on an error; its device, or null where that cannot be. */
async function mountImage(t: Test, folder: string, at: string): Promise<string | null> {
  const image = join(folder, 'disk.img');
  await mkdir(at);
  try {
    await run('truncate', ['-s', '64M', image]);
    await run('mkfs.ext4', ['-q', image]);
    await run('mount', ['-o', 'loop,errors=remount-ro', image, at]);
  } catch {
    return null;
  }
  t.teardown(() => run('umount', ['--lazy', at]));
  return (await run('findmnt', ['-no', 'SOURCE', at])).stdout.trim();
}
