import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { Transfer } from '../src/controller/transfers/shapes.js';
import { OwnerFolders } from '../src/controller/transfers/owner-folder.js';
import { Rate } from '../src/controller/transfers/rate.js';
import type { Certificate } from '../src/monitor/certificate.js';
import {
  startController,
  startFleetMonitor,
  tempFolder,
  untilMonitors,
  type FleetMonitor,
  type TestController,
} from './support/fleet.js';
import { FaultyProxy } from './support/faulty-proxy.js';
import { recordFrames } from './support/server.js';
import { startRcloneServer } from './support/rclone-server.js';
import { until } from './support/until.js';

/** Recordings of a real monitor process, fetched over a link that fails. */

const { folder, remove } = await tempFolder();
let monitor: FleetMonitor;
let proxy: FaultyProxy;
let controller: TestController;

/** What rclone knows without a configuration: a folder. */
const stored = join(folder, 'stored');
const settings = (): Record<string, unknown> => ({
  monitors: [proxy.address],
  transfers: { destinations: { store: { remote: stored } } },
});

t.before(async () => {
  monitor = await startFleetMonitor(join(folder, 'a'));
  proxy = await FaultyProxy.to(monitor.client.port);
  await mkdir(stored);
  controller = await startController(join(folder, 'controller'), settings());
  await untilMonitors(controller.client, 1, ({ reachable }) => reachable, 'it answers');
});

t.teardown(async () => {
  proxy.unplug();
  await controller.stop();
  await monitor.command.kill('SIGTERM');
  await remove();
});

/** Makes a recording, and waits for the checksums of its files. */
async function record(name: string): Promise<Certificate> {
  await recordFrames(monitor, 20, { name });
  return until(async () => {
    const certificate = (await monitor.client.get(`/api/v1/recordings/${name}`)).json();
    const { files } = certificate as unknown as Certificate;
    return files.every(({ sha256 }) => sha256 !== null) && (certificate as unknown as Certificate);
  }, 'the checksums are made');
}

async function begin(body: Record<string, unknown>): Promise<string> {
  const answer = await controller.client.send('POST', '/api/v1/transfers', { body });
  if (answer.status !== 202) throw new Error(answer.bytes.toString());
  return answer.json()['id'] as string;
}

async function get(id: string): Promise<Transfer> {
  return (await controller.client.get(`/api/v1/transfers/${id}`)).json() as unknown as Transfer;
}

function ended(id: string): Promise<Transfer> {
  return until(async () => {
    const transfer = await get(id);
    return transfer.state !== 'running' && transfer;
  }, 'the transfer has ended');
}

/** The folder of a fetched recording. */
async function fetched(name: string): Promise<string> {
  const root = join(controller.folder, 'fetched');
  const [owner] = await readdir(root);
  return join(root, owner!, name);
}

async function isWhole(name: string, { files }: Certificate, at?: string): Promise<boolean> {
  const where = at ?? (await fetched(name));
  for (const { path, sha256 } of files) {
    const bytes = await readFile(join(where, path));
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) return false;
  }
  return true;
}

t.test('a recording is fetched, verified, marked, and not fetched again', async (t) => {
  const certificate = await record('first');
  const transfer = await ended(await begin({ targets: 'all' }));
  t.match(transfer, {
    state: 'done',
    items: [{ recording: 'first', state: 'done', marked: true }],
  });
  const [item] = transfer.items;
  t.equal(item!.bytes, item!.totalBytes);
  t.ok(await isWhole('first', certificate));
  const kept = JSON.parse(
    await readFile(join(await fetched('first'), 'first.json'), 'utf8'),
  ) as Certificate;
  t.same(kept.files, certificate.files, 'with its certificate');
  const there = (await monitor.client.get('/api/v1/recordings/first')).json();
  t.match(there['transferred'], { verified: true, by: 'controller' });
  t.same((await ended(await begin({ targets: 'all' }))).items, [], 'it has been transferred');
});

t.test('another recording of the same name is kept beside the first', async (t) => {
  const first = await record('again');
  await ended(await begin({ targets: 'all' }));
  const path = '/api/v1/recordings/again?confirm=again';
  t.equal((await monitor.client.send('DELETE', path)).status, 204);
  const second = await record('again');
  t.match(await ended(await begin({ targets: 'all' })), { state: 'done' });
  t.ok(await isWhole('again', first), 'the only copy there is');
  t.ok(await isWhole('again-2', second));
});

t.test('a flipped bit is caught, and the file fetched again', async (t) => {
  const certificate = await record('flipped');
  let flipped = 0;
  proxy.fault = ({ url = '' }) => ({ flipBit: url.endsWith('.mp4') && flipped++ === 0 });
  const transfer = await ended(await begin({ targets: 'all' }));
  proxy.fault = () => null;
  t.equal(transfer.state, 'done');
  t.equal(flipped, 2, 'asked for twice');
  t.ok(await isWhole('flipped', certificate));
});

t.test('a file that stays wrong is never called whole', async (t) => {
  await record('wrong');
  proxy.fault = ({ url = '' }) => ({ flipBit: url.endsWith('.mp4') });
  const transfer = await ended(await begin({ targets: 'all' }));
  proxy.fault = () => null;
  t.match(transfer, { state: 'failed', items: [{ state: 'failed', detail: /another checksum/ }] });
  const there = (await monitor.client.get('/api/v1/recordings/wrong')).json();
  t.equal(there['transferred'] ?? null, null);
  t.notOk((await readdir(await fetched('wrong'))).includes('wrong_0000.mp4'));
  await ended(await begin({ targets: 'all' }));
});

t.test('a cut connection and a controller that starts again go on where they were', async (t) => {
  const certificate = await record('cut');
  const ranges: string[] = [];
  proxy.fault = ({ url = '', headers }) => {
    if (!url.endsWith('.mp4')) return null;
    ranges.push(headers.range ?? '');
    return { cutAfter: 5000 };
  };
  const id = await begin({ targets: 'all' });
  await until(async () => (await get(id)).items[0]?.detail != null, 'it has been cut off');
  t.equal((await get(id)).state, 'running', 'it will be tried again');
  const part = `${await fetched('cut')}/cut_0000.mp4.part`;
  const { size } = await stat(part);
  t.ok(size > 0);

  await controller.stop();
  controller = await startController(controller.folder, settings(), 50);
  await until(() => ranges.length >= 2, 'it is asked for again');
  proxy.fault = () => null;
  t.match(ranges[1], new RegExp(`^bytes=${size}-`), 'from where it was');
  t.equal((await ended(id)).state, 'done');
  t.ok(await isWhole('cut', certificate));
});

t.test('what is fetched goes on to a destination', async (t) => {
  const certificate = await record('sent');
  const transfer = await ended(await begin({ targets: 'all', destination: 'store' }));
  t.match(transfer.items, [{ state: 'done', detail: null }]);
  const [owner] = await readdir(stored);
  t.ok(await isWhole('sent', certificate, join(stored, owner!, 'sent')));
  const unknown = await controller.client.send('POST', '/api/v1/transfers', {
    body: { targets: 'all', destination: 'moon' },
  });
  t.match(unknown.json(), { code: 'invalid-value', field: 'destination' });

  await writeFile(join(stored, 'in-the-way'), '');
  await controller.stop();
  controller = await startController(controller.folder, {
    ...settings(),
    transfers: { destinations: { store: { remote: join(stored, 'in-the-way') } } },
  });
  await untilMonitors(controller.client, 1, ({ reachable }) => reachable, 'it answers');
  await record('refused');
  const failed = await ended(await begin({ targets: 'all', destination: 'store' }));
  t.match(failed, { state: 'failed', items: [{ state: 'failed', marked: true }] });
});

t.test('nothing at the destination is overwritten; what was sent is not sent again', async (t) => {
  const served = join(folder, 'served');
  await mkdir(served);
  const server = await startRcloneServer(served);
  t.teardown(() => server.stop());
  await controller.stop();
  controller = await startController(controller.folder, {
    ...settings(),
    transfers: { megabitsPerSecond: 800, destinations: { store: { remote: server.remote } } },
  });
  await untilMonitors(controller.client, 1, ({ reachable }) => reachable, 'it answers');
  const [owner] = await readdir(join(controller.folder, 'fetched'));
  const certificate = await record('kept');
  const place = join(served, owner!, 'kept');
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'kept_0000.mp4'), 'of somebody else');
  const wish = { targets: 'all', recordings: ['kept'], destination: 'store' };
  const refused = await ended(await begin(wish));
  t.match(refused, { state: 'failed', items: [{ detail: /left as they are/, marked: true }] });
  t.equal(await readFile(join(place, 'kept_0000.mp4'), 'utf8'), 'of somebody else');

  await server.removeFile(`${owner!}/kept/kept_0000.mp4`);
  t.match(await ended(await begin(wish)), { state: 'done', items: [{ detail: null }] });
  t.ok(await isWhole('kept', certificate, place));
  t.notOk((await readdir(join(served, owner!))).includes('kept.part'), 'nothing else is left');
  const { ino } = await stat(join(place, 'kept_0000.mp4'));
  t.match(await ended(await begin(wish)), { state: 'done' });
  t.equal((await stat(join(place, 'kept_0000.mp4'))).ino, ino, 'it was there');
  t.ok(await isWhole('kept', certificate, place));
});

t.test('a transfer can be stopped', async (t) => {
  await record('stopped');
  proxy.fault = () => ({ delayMs: 1000 });
  const id = await begin({ targets: 'all' });
  const stopped = await controller.client.send('DELETE', `/api/v1/transfers/${id}`);
  t.match(stopped.json(), { state: 'cancelled' });
  proxy.fault = () => null;
  t.equal((await get(id)).state, 'cancelled');
});

t.test('monitors whose ids begin alike have folders of their own', async (t) => {
  const root = join(folder, 'owners');
  const old = join(root, 'cage1-9f2c11aa');
  await mkdir(old, { recursive: true });
  const stray = 'notes-9f2c11aa';
  await writeFile(join(root, stray), 'a file of somebody');
  const one = { id: '9f2c11aa-1', host: 'cage1' };
  const other = { id: '9f2c11aa_2', host: 'cage2' };
  const folders = new OwnerFolders(root);
  const names = await Promise.all([one, other, one].map((owner) => folders.nameOf(owner)));
  const [first, second] = ['cage1-9f2c11aa', 'cage2-9f2c11aa_2'];
  t.same(names, [first, second, first], 'as it was named before, and another');
  t.equal(await folders.nameOf({ ...other, host: 'renamed' }), second);
  t.equal(await new OwnerFolders(root).nameOf(one), first);
  // Another id that would give the same names: whoever claims it gets into nobody's folder.
  await t.rejects(folders.nameOf({ id: '9f2c11aa:2', host: 'cage2' }), { code: 'name-invalid' });
  t.same((await readdir(root)).sort(), [first, second, stray]);
});

t.test('the bandwidth is shared by all', async (t) => {
  const rate = new Rate(1e6);
  const began = performance.now();
  await Promise.all([1, 2, 3].map(() => rate.take(50_000)));
  await rate.take(1);
  const seconds = (performance.now() - began) / 1000;
  t.ok(seconds > 0.14 && seconds < 1, 'the last waits for all before it');
});
