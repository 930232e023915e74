import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { Command, startMonitorCommand } from './support/command.js';
import { closeOf, type HttpClient } from './support/http-client.js';
import { until } from './support/until.js';
import { videoStamps } from './support/video-stamps.js';

const run = promisify(execFile);

async function temporary(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A configuration with a small synthetic camera, in this folder. */
async function smallConfig(folder: string, more: object = {}): Promise<string[]> {
  const path = join(folder, 'small.json');
  const camera = { id: 'synthetic', width: 320, height: 180 };
  await writeFile(path, JSON.stringify({ camera, ...more }));
  return ['--data', join(folder, 'data'), '--config', path];
}

async function startRecording(client: HttpClient, name: string, frames: number): Promise<void> {
  const started = await client.send('POST', '/api/v1/recording', { body: { name } });
  if (started.status !== 201) throw new Error(started.bytes.toString());
  await until(async () => {
    const { recording } = (await client.get('/api/v1/status')).json();
    return ((recording as { frames: number } | null)?.frames ?? 0) >= frames;
  }, `${frames} frames are written`);
}

t.test('cameras and help', async (t) => {
  const cameras = new Command(['cameras']);
  t.equal((await cameras.exit).code, 0);
  t.match(cameras.stdout, /^synthetic /m);
  t.match(cameras.stdout, /^(libcamera \d|No libcamera: .+)/m);
  const help = new Command(['--help']);
  t.equal((await help.exit).code, 0);
  t.match(help.stdout, /monitor.*cameras.*record/s);
  for (const wrong of [
    ['nothing'],
    ['monitor', '--nothing'],
    ['monitor', '--port', '70000'],
    ['record'],
  ]) {
    const refused = new Command(wrong);
    t.equal((await refused.exit).code, 1, wrong.join(' '));
    t.match(refused.stderr, /^error: /);
  }
});

t.test('what keeps it from starting is one sentence and exit 1', async (t) => {
  const folder = await temporary(t);
  const config = await smallConfig(folder);
  const other = createServer().listen(0);
  t.teardown(() => other.close());
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  const broken = join(folder, 'broken.json');
  await writeFile(broken, '{"camera":{"fps":1000}}');
  const cases: [args: string[], says: RegExp][] = [
    [[...config, '--port', port], new RegExp(`^Cannot listen on port ${port}: .+\\.$`)],
    [[...config, '--host', '203.0.113.9'], /^Cannot listen on 203\.0\.113\.9 .+\.$/],
    [[...config, '--host', 'nowhere.invalid'], /^server\.host .+\.$/],
    [['--config', broken], /^.*broken\.json: camera\.fps must be between 1 and 240\.$/],
  ];
  for (const [args, says] of cases) {
    const command = new Command(['monitor', '--log', 'error', ...args]);
    t.equal((await command.exit).code, 1, args.join(' '));
    t.match(command.stderr.trim(), says);
    t.equal(command.stderr.trim().split('\n').length, 1, 'one line');
  }
  const first = await startMonitorCommand(config);
  const second = new Command([
    'monitor',
    '--log',
    'error',
    ...config,
    '--port',
    String(first.client.port),
  ]);
  t.equal((await second.exit).code, 1, 'nor do two monitors share a port');
  t.equal((await first.command.kill('SIGTERM')).code, 0);
});

t.test('SIGTERM and SIGINT during a recording finish the file', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const folder = await temporary(t);
    const { command, client } = await startMonitorCommand(await smallConfig(folder));
    const viewer = client.socket('/api/v1/events');
    await once(viewer, 'open');
    const closed = closeOf(viewer);
    await startRecording(client, 'run', 20);
    const { code, seconds } = await command.kill(signal);
    t.equal(code, 0, signal);
    t.ok(seconds < 3, `in ${seconds.toFixed(2)} s`);
    t.equal(await closed, 1001, 'viewers are told');
    const recording = join(folder, 'data', 'recordings', 'run');
    const certificate = JSON.parse(await readFile(join(recording, 'run.json'), 'utf8')) as {
      frames: { written: number };
    };
    t.match(certificate, { verdict: 'complete', stop: { reason: 'shutdown' } });
    const stamps = await videoStamps(join(recording, 'run_0000.mp4'), 320);
    t.equal(stamps.length, certificate.frames.written);
  }
});

t.test('kill -9 during a recording: the file decodes to within 0.6 s', async (t) => {
  const folder = await temporary(t);
  const config = await smallConfig(folder, { recording: { resume: false } });
  const { command, client } = await startMonitorCommand(config);
  await startRecording(client, 'killed', 70);
  const { captured } = (await client.get('/api/v1/status')).json()['frames'] as {
    captured: number;
  };
  await command.kill('SIGKILL');
  const path = join(folder, 'data', 'recordings', 'killed', 'killed_0000.mp4');
  const stamps = await videoStamps(path, 320);
  t.ok(stamps.length > 0 && stamps.every((stamp) => stamp !== null));
  // The camera counts from 0 (or 1) on: so many frames of the last ones seen are missing.
  const last = stamps.at(-1)?.sequence ?? 0;
  t.ok(captured - 1 - last <= 18, `${captured - 1 - last} of the last frames are missing`);

  const after = await startMonitorCommand(config);
  const certificate = await until(async () => {
    const found = (await after.client.get('/api/v1/recordings/killed')).json();
    return found['state'] === 'repairing' ? null : found;
  }, 'the recording is repaired');
  t.match(certificate, {
    state: 'ended',
    verdict: 'interrupted',
    repaired: true,
    stop: { reason: 'crash' },
  });
  t.equal((await after.client.get('/api/v1/files/killed/killed_0000.mp4')).status, 200);
  t.equal((await after.command.kill('SIGTERM')).code, 0);
});

t.test('the identity stays', async (t) => {
  const folder = await temporary(t);
  const config = await smallConfig(folder);
  const ids = new Set<unknown>();
  for (let i = 0; i < 2; i++) {
    const { command, client } = await startMonitorCommand(config);
    ids.add((await client.get('/api/v1/status')).json()['id']);
    await command.kill('SIGTERM');
  }
  t.equal(ids.size, 1);
  t.notOk(ids.has(''));
});

t.test('an unwritable data folder', async (t) => {
  const folder = await temporary(t);
  await writeFile(join(folder, 'data'), 'a file where the folder should be');
  const { command, client } = await startMonitorCommand(await smallConfig(folder));
  const refused = await client.send('POST', '/api/v1/recording');
  t.equal(refused.status, 503, refused.bytes.toString());
  t.match(refused.json(), { code: 'disk-unwritable' });
  t.match((await client.get('/api/v1/status')).json(), { state: 'idle' });
  t.equal((await client.get('/healthz')).status, 200, 'it stays up');
  t.equal((await client.get('/snapshot.jpg')).status, 200, 'and shows pictures');
  t.match(command.stderr, /disk-unwritable/);
  t.equal((await command.kill('SIGTERM')).code, 0);
});

t.test('a full disk', async (t) => {
  const folder = await temporary(t);
  const disk = join(folder, 'data');
  await mkdir(disk);
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]).catch(
    () => null,
  );
  if (mounted === null) {
    t.pass('a full disk', { skip: 'a small disk cannot be mounted here' });
    return;
  }
  t.teardown(() => run('umount', ['--lazy', disk]));
  const noReserve = { disk: { reserveMegabytes: 0, reservePercent: 0 } };
  const { command, client } = await startMonitorCommand(await smallConfig(folder, noReserve));
  await startRecording(client, 'long', 20);
  await run('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=1M'], {}).catch(
    () => undefined,
  );
  const ended = await until(async () => {
    const one = (await client.get('/api/v1/recordings/long')).json();
    return one['state'] === 'ended' ? one : null;
  }, 'the recording has ended');
  await until(
    async () => (await client.get('/api/v1/status')).json()['state'] === 'idle',
    'the monitor is ready again',
  );
  const events = client.socket('/api/v1/events?since=0');
  const told: unknown[] = [];
  events.on('message', (data: Buffer) => told.push(JSON.parse(data.toString())));
  await until(
    () => told.some((event) => (event as { type: string }).type === 'error'),
    'the error came',
  );
  events.close();
  t.ok(told.some((event) => /disk/.test((event as { data: { code?: string } }).data.code ?? '')));
  const refused = await client.send('POST', '/api/v1/recording');
  t.equal(refused.status, 507);
  t.match(refused.json(), { code: 'disk-full' });
  const video = join(disk, 'recordings', 'long', 'long_0000.mp4');
  t.ok((await videoStamps(video, 320)).length >= 10, 'what was written decodes');
  t.match(ended, { verdict: 'interrupted', stop: { reason: 'disk-error' } });
  await rm(join(disk, 'filler'));
  await until(async () => {
    const saved = await readFile(join(disk, 'recordings', 'long', 'long.json'), 'utf8');
    return saved.includes('disk-error');
  }, 'the certificate is saved now that there is room');
  await startRecording(client, 'room', 5);
  t.match(
    (await client.send('DELETE', '/api/v1/recording')).json(),
    { verdict: 'complete' },
    'room again',
  );
  t.equal((await command.kill('SIGTERM')).code, 0);
});

t.test('record', async (t) => {
  const folder = await temporary(t);
  const output = join(folder, 'x.mp4');
  const small = ['--camera', 'synthetic', '--size', '320x180'];
  const whole = new Command(['record', '--duration', '1s', '--output', output, ...small]);
  t.equal((await whole.exit).code, 0, whole.stderr);
  t.match(whole.stderr, /30 frames, 1\.0 s, .* MB, 0 lost/);
  t.equal((await videoStamps(output, 320)).length, 30);

  const { mtimeMs } = await stat(output);
  const cases: [args: string[], says: RegExp][] = [
    [['--output', output], /exists and is not overwritten/],
    [['--output', join(folder, 'no', 'x.mp4')], /^The folder .* does not exist/],
    [['--output', join(folder, 'y.mp4'), '--camera', 'nothing'], /nothing/],
    [['--output', join(folder, 'y.mp4'), '--encoder', 'v4l2'], /^This machine has no .+\.$/m],
    [['--output', join(folder, 'y.mp4'), '--bitrate', '26'], /between 0 and 25/],
    [['--output', join(folder, 'y.mp4'), '--size', 'big'], /1280x720/],
    [['--output', join(folder, 'y.mp4'), '--duration', 'long'], /90s/],
  ];
  for (const [args, says] of cases) {
    const refused = new Command(['record', '--duration', '1s', ...args]);
    t.equal((await refused.exit).code, 1, args.join(' '));
    t.match(refused.stderr, says);
  }
  t.equal((await stat(output)).mtimeMs, mtimeMs);
  t.strictSame(
    (await readdir(folder)).sort(),
    ['x.frames.csv', 'x.mp4'],
    'nothing is left of what failed',
  );

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const path = join(folder, `${signal}.mp4`);
    const endless = new Command(['record', '--output', path, ...small]);
    await until(() => /[1-9]\d* frames/.test(endless.stderr), 'some frames are written');
    t.equal((await endless.kill(signal)).code, 0, endless.stderr);
    t.ok((await videoStamps(path, 320)).length > 10, 'the file is finished');
  }
});
