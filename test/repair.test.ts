// Recordings as a kill or a power cut leaves them: copied while they were recorded, then mended.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import type { Certificate } from '../src/monitor/certificate.js';
import { Command } from './support/command.js';
import { ffprobe } from './support/outside-readers.js';
import { disagreements } from './support/recording-check.js';
import { startServer } from './support/server.js';
import { until } from './support/until.js';
import { videoStamps } from './support/video-stamps.js';

const run = promisify(execFile);
const width = 320;

/** A recording of three segments, as it was on the disk while the last of them was written. */
let recorded = '';

t.before(async () => {
  const server = await startServer({
    recording: { segmentDuration: '2s' },
    encoder: { kind: 'software', gop: 0.5 },
  });
  recorded = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  await server.client.send('POST', '/api/v1/recording', { body: { name: 'left' } });
  await until(() => {
    const { frames = 0, segment = 0 } = server.monitor.status().recording ?? {};
    return segment === 2 && frames >= 170;
  }, 'the third segment has fragments');
  const running = join(server.monitor.recordings.folder, 'left');
  await cp(running, join(recorded, 'left'), { recursive: true });
  await server.close();
});

t.after(() => rm(recorded, { recursive: true, force: true }));

async function leftBehind(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await cp(recorded, folder, { recursive: true });
  return folder;
}

const certificateAt = async (folder: string): Promise<Certificate> =>
  JSON.parse(await readFile(join(folder, 'left', 'left.json'), 'utf8')) as Certificate;

async function repair(folder: string): Promise<{ code: number | null; said: string }> {
  const command = new Command(['repair', folder]);
  const { code } = await command.exit;
  return { code, said: command.stdout + command.stderr };
}

/** All files of a recording with their contents. */
async function contents(folder: string): Promise<Record<string, string>> {
  const files = await readdir(join(folder, 'left'));
  return Object.fromEntries(
    await Promise.all(
      files.map(async (file) => [file, await readFile(join(folder, 'left', file), 'base64')]),
    ),
  ) as Record<string, string>;
}

t.test('by hand, once and again', async (t) => {
  const folder = await leftBehind(t);
  t.match(await repair(folder), { code: 0, said: /left: repaired \(crash\): \d+ frames in 3/ });
  const certificate = await certificateAt(folder);
  t.match(certificate, { repaired: true, verdict: 'interrupted', stop: { reason: 'crash' } });
  t.ok((certificate.frames?.written ?? 0) >= 170 - 0.6 * 30 - 1, 'all but the last moment');
  t.strictSame(await disagreements(join(folder, 'left'), certificate, width), []);
  t.ok(certificate.files.every(({ sha256, closed }) => sha256 !== null && closed));
  const after = await contents(folder);
  t.match(await repair(join(folder, 'left')), { code: 0, said: /left: nothing to repair/ });
  t.strictSame(await contents(folder), after, 'a second time changes nothing');
  t.match(await repair(join(folder, 'none')), { code: 1, said: /is no folder/ });
});

t.test('cut inside the header of the last fragment, of another start of the machine', async (t) => {
  const folder = await leftBehind(t);
  const video = join(folder, 'left', 'left_0002.mp4');
  const path = join(folder, 'left', 'left.json');
  await writeFile(path, JSON.stringify({ ...(await certificateAt(folder)), bootId: 'another' }));
  const whole = await readFile(video);
  const fragment = whole.lastIndexOf('moof') - 4;
  const bytes = Math.floor(whole.readUInt32BE(fragment) / 2);
  await truncate(video, fragment + bytes);
  await t.rejects(ffprobe(video), 'other programs complain of it as it is');
  t.match(await repair(folder), { code: 0, said: /bytes behind the last frame of left_0002.mp4/ });
  const certificate = await certificateAt(folder);
  const tail = { file: 'left_0002.mp4', tail: 'left_0002.mp4.tail', bytes };
  t.match(certificate, { stop: { reason: 'power' }, repair: { tails: [tail] } });
  t.equal((await readFile(`${video}.tail`)).length, bytes);
  t.strictSame(await disagreements(join(folder, 'left'), certificate, width), []);
  t.equal((await ffprobe(video)).frames, (await videoStamps(video, width)).length);
});

t.test('a certificate that is lost, a log that is, and a segment without a frame', async (t) => {
  const folder = await leftBehind(t);
  const at = (file: string): string => join(folder, 'left', file);
  await writeFile(at('left.json'), '{"version": 1, "na');
  await rm(at('left_0002.frames.csv'));
  await writeFile(at('left_0003.mp4'), 'torn');
  t.match(await repair(folder), { code: 0, said: /left_0003.mp4 has no whole frame/ });
  const certificate = await certificateAt(folder);
  t.match(certificate, {
    verdict: 'interrupted',
    stop: { reason: 'power' },
    camera: null,
    repair: { certificateLost: true, unreadable: ['left_0003.mp4'] },
  });
  t.ok((certificate.repair?.rowsMade ?? 0) >= 30, 'the log is made from the video');
  t.equal(await readFile(at('left.json.damaged'), 'utf8'), '{"version": 1, "na');
  t.equal(await readFile(at('left_0003.mp4'), 'utf8'), 'torn', 'its bytes are kept');
  t.match(await repair(folder), { code: 0, said: /nothing to repair/ });
  await writeFile(at('left.json'), JSON.stringify({ ...certificate, version: 2 }));
  t.match(await repair(folder), { code: 0, said: /of another version/ });
});

t.test('a server mends what it finds, and says so', async (t) => {
  const folder = await leftBehind(t);
  const server = await startServer({ dataFolder: folder, recording: { resume: false } });
  t.teardown(() => server.close());
  await server.client.send('POST', '/api/v1/recording', { body: { name: 'meanwhile' } });
  await cp(join(folder, 'left'), join(folder, 'recordings', 'left'), { recursive: true });
  t.match((await server.client.send('DELETE', '/api/v1/recording')).json(), {
    verdict: 'complete',
  });
  await server.monitor.stop();
  const next = await startServer({ dataFolder: folder, recording: { resume: false } });
  t.teardown(() => next.close());
  await until(
    () => next.monitor.events.since(0).some(({ data }) => data['action'] === 'repaired'),
    'it is repaired',
  );
  const one = await until(async () => {
    const found = (await next.client.get('/api/v1/recordings/left')).json();
    return found['plan'] === null && found;
  }, 'it is settled that it does not go on');
  t.match(one, { state: 'ended', verdict: 'interrupted', repaired: true });
  const page = await next.client.get('/api/v1/recordings/left/certificate.html');
  t.match(page.bytes.toString(), /have been repaired/);
  await until(
    async () => (await next.monitor.library.get('left')).files.every(({ sha256 }) => sha256),
    'all is hashed',
  );
});

t.test('a full disk keeps a repair waiting, and loses nothing', async (t) => {
  const folder = await leftBehind(t);
  const small = join(folder, 'small');
  await mkdir(small);
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small]).catch(
    () => null,
  );
  if (mounted === null) {
    t.pass('a small disk', { skip: 'a disk cannot be mounted here' });
    return;
  }
  t.teardown(() => run('umount', ['--lazy', small]));
  await cp(join(folder, 'left'), join(small, 'left'), { recursive: true });
  const video = join(small, 'left', 'left_0002.mp4');
  const frames = (await videoStamps(video, width)).length;
  await run('dd', ['if=/dev/zero', `of=${join(small, 'filler')}`, 'bs=4k']).catch(() => null);
  t.match(await repair(join(small, 'left')), { code: 1, said: /left: .*(full|no space)/i });
  t.equal((await videoStamps(video, width)).length, frames, 'it plays as before');
  await rm(join(small, 'filler'));
  t.match(await repair(join(small, 'left')), { code: 0, said: /left: repaired/ });
  t.strictSame(await disagreements(join(small, 'left'), await certificateAt(small), width), []);
});
