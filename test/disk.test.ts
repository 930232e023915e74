import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { resolveConfig } from '../src/config/config.js';
import { DiskGuard } from '../src/monitor/disk-guard.js';
import type { NativeDisk } from '../src/native.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';
import { videoStamps } from './support/video-stamps.js';

const run = promisify(execFile);

async function temporary(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A small disk of its own, mounted here; false where that cannot be done. */
async function mountDisk(t: Test, at: string, megabytes: number): Promise<boolean> {
  await mkdir(at, { recursive: true });
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', at]).then(
    () => true,
    () => false,
  );
  if (!mounted) t.pass('a small disk', { skip: 'a disk cannot be mounted here' });
  else t.teardown(() => unmount(at));
  return mounted;
}

async function unmount(at: string): Promise<void> {
  await run('umount', ['--lazy', at]).catch(() => undefined); // it may be gone by then
}

async function recordSome({ client, monitor }: TestServer, name: string): Promise<void> {
  const started = await client.send('POST', '/api/v1/recording', { body: { name } });
  if (started.status !== 201) throw new Error(started.bytes.toString());
  await until(() => (monitor.status().recording?.frames ?? 0) > 10, 'some frames are written');
}

const disk: NativeDisk = {
  present: true,
  freeBytes: 30e9,
  totalBytes: 100e9,
  device: 1,
  fileSystem: '77',
  fileInPlace: true,
  ageMs: 100,
};

t.test('the guard of the disk', async (t) => {
  const settings = resolveConfig({});
  const guard = new DiskGuard(() => settings);
  t.equal(guard.reasonToStop(null), null);
  guard.look(null);
  guard.look(disk);
  t.equal(guard.hoursLeft(disk), null, 'nothing was measured yet');
  guard.measure(1e6, 1);
  t.equal(guard.hoursLeft(disk), null, 'nor for long enough');
  guard.measure(10e6, 10);
  t.equal(guard.hoursLeft(disk), 7.8, '28 GB above the reserve, at 1 MB/s');
  t.equal(guard.warning(disk), null);
  const fuller = { ...disk, freeBytes: 20e9 };
  t.strictSame(guard.warning(fuller), { freeBytes: 20e9, hoursLeft: 5 });
  t.equal(guard.warning(fuller), null, 'told once');
  guard.begin();
  t.not(guard.warning(fuller), null, 'and again in the next recording');

  t.equal(guard.reasonToStop(disk), null);
  t.equal(guard.reasonToStop({ ...disk, freeBytes: 2e9 }), null);
  t.match(guard.reasonToStop({ ...disk, freeBytes: 2e9 - 1 }), {
    reason: 'disk-reserve',
    problem: { code: 'disk-full', detail: /2,000 MB free: 2,000 MB are kept/ },
  });
  const small = { ...disk, totalBytes: 10e9, freeBytes: 499e6 };
  t.match(guard.reasonToStop(small), { reason: 'disk-reserve' }, '500 MB of a smaller disk');
  const gone = { reason: 'disk-gone', problem: { code: 'disk-gone' } };
  t.match(guard.reasonToStop({ ...disk, present: false }), gone);
  t.match(guard.reasonToStop({ ...disk, fileInPlace: false }), gone);
  t.match(guard.reasonToStop({ ...disk, device: 2, fileSystem: '78' }), gone);
  t.equal(guard.reasonToStop({ ...disk, device: 2 }), null, 'the same disk, by its id');
  t.match(guard.reasonToStop({ ...disk, fileSystem: '78' }), gone, 'the number was given again');
  const nameless = new DiskGuard(() => settings);
  nameless.look({ ...disk, fileSystem: '0' });
  t.match(nameless.reasonToStop({ ...disk, device: 2, fileSystem: '0' }), gone);
  await t.rejects(guard.refuse('/', { ...disk, ageMs: 12_000 }), { code: 'disk-gone' });
});

t.test('a recording stops cleanly before the disk is full', async (t) => {
  const data = join(await temporary(t), 'data');
  if (!(await mountDisk(t, data, 80))) return;
  const server = await startServer({ dataFolder: data, disk: { reserveMegabytes: 40 } });
  t.teardown(() => server.close());
  const { client, monitor } = server;
  await recordSome(server, 'reserve');
  t.match(monitor.status().disk, { reserveBytes: 40e6 });
  await run('dd', ['if=/dev/zero', `of=${join(data, 'filler')}`, 'bs=1M', 'count=45']);
  await until(() => monitor.status().state === 'idle', 'it has ended');
  const certificate = (await client.get('/api/v1/recordings/reserve')).json();
  t.match(certificate, { verdict: 'interrupted', stop: { reason: 'disk-reserve' } });
  const { written } = certificate['frames'] as { written: number };
  const video = join(monitor.recordings.folder, 'reserve', 'reserve_0000.mp4');
  t.equal((await videoStamps(video, 320)).length, written, 'all that was written is there');
  const told = monitor.events.since(0);
  t.ok(told.some(({ type, data }) => type === 'disk' && data['reason'] === 'disk-reserve'));
  const refused = await client.send('POST', '/api/v1/recording');
  t.equal(refused.status, 507);
  t.match(refused.json(), { code: 'disk-full', detail: /\d+ MB are free; a minute takes about/ });
  await unlink(join(data, 'filler'));
  await recordSome(server, 'room');
  await client.send('DELETE', '/api/v1/recording');
});

t.test('a disk that vanishes under a recording', async (t) => {
  const data = join(await temporary(t), 'data');
  if (!(await mountDisk(t, data, 80))) return;
  const server = await startServer({ dataFolder: data, disk: { reserveMegabytes: 10 } });
  t.teardown(() => server.close());
  const { client, monitor } = server;
  await recordSome(server, 'gone');
  await until(() => monitor.status().disk.freeBytes !== null, 'the disk was seen');
  await new Promise((resolve) => setTimeout(resolve, 2500)); // and the file in it
  await unmount(data);
  await until(() => monitor.status().state === 'idle', 'it has ended');
  const told = monitor.events.since(0);
  t.ok(told.some(({ type, data }) => type === 'disk' && data['reason'] === 'disk-gone'));
  t.ok(
    told.some(({ data }) => data['action'] === 'ended' && data['reason'] === 'disk-gone'),
    'and that is what the recording ended with',
  );
  const refused = await client.send('POST', '/api/v1/recording');
  t.equal(refused.status, 503, refused.bytes.toString());
  t.match(refused.json(), { code: 'disk-gone' });
  t.strictSame(await readdir(data), [], 'nothing is written where the disk was mounted');
  if (!(await mountDisk(t, data, 80))) return;
  t.match((await client.send('POST', '/api/v1/recording')).json(), { code: 'disk-gone' });
});

t.test('a file that is taken away under a recording', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { monitor } = server;
  await recordSome(server, 'taken');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await unlink(join(monitor.recordings.folder, 'taken', 'taken_0000.mp4'));
  await until(() => monitor.status().state === 'idle', 'it has ended');
  t.match(await monitor.library.get('taken'), { stop: { reason: 'disk-gone' } });
});
