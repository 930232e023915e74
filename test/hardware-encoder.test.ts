import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Command, startMonitorCommand, type MonitorCommand } from './support/command.js';
import { onAPi } from './support/fakepi.js';
import { colours } from './support/outside-readers.js';
import { until } from './support/until.js';
import { videoStamps } from './support/video-stamps.js';

/** The whole program on an emulated Pi: the commands as a person starts them. */

const width = 640;
const camera = { id: 'synthetic', width, height: 360, fps: 30 };

interface PiMonitor extends MonitorCommand {
  data: string;
  status: () => Promise<Status>;
}

interface Status {
  encoder: Record<string, unknown>;
  recording: { frames: number; bytes: number } | null;
}

async function startOnAPi(
  t: Test,
  encoder: string,
  faults: Record<string, string> = {},
): Promise<PiMonitor> {
  const data = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  await writeFile(join(data, 'config.json'), JSON.stringify({ camera }));
  const args = ['--data', data, '--host', '127.0.0.1', '--encoder', encoder];
  const started = await startMonitorCommand(args, onAPi(faults));
  t.teardown(async () => {
    await started.command.kill('SIGTERM');
    await rm(data, { recursive: true });
  });
  const status = async (): Promise<Status> =>
    (await started.client.get('/api/v1/status')).json() as unknown as Status;
  return { ...started, data, status };
}

async function startRecording({ client }: PiMonitor, name: string): Promise<number> {
  return (await client.send('POST', '/api/v1/recording', { body: { name } })).status;
}

async function stopRecording({ client }: PiMonitor): Promise<Record<string, unknown>> {
  return (await client.send('DELETE', '/api/v1/recording')).json();
}

/** Waits until so many more frames are written; what they weigh, each. */
async function bytesPerFrame({ status }: PiMonitor, frames: number): Promise<number> {
  const before = (await status()).recording ?? { frames: 0, bytes: 0 };
  const after = await until(async () => {
    const { recording } = await status();
    return (recording?.frames ?? 0) >= before.frames + frames ? recording : null;
  }, `${frames} more frames are written`);
  return (after.bytes - before.bytes) / (after.frames - before.frames);
}

async function consecutive(t: Test, path: string, frames: number): Promise<void> {
  const stamps = await videoStamps(path, width);
  t.equal(stamps.length, frames, 'as many frames as certified');
  const first = stamps[0]?.sequence ?? NaN;
  t.ok(
    stamps.every((stamp, i) => stamp?.sequence === (first + i) % 65_536),
    'none missing',
  );
}

t.test('a recording by the hardware, whose bitrate is changed meanwhile', async (t) => {
  const pi = await startOnAPi(t, 'v4l2');
  const idle = { requested: 'v4l2', hardware: '/dev/video11', active: null, device: null };
  t.match((await pi.status()).encoder, idle);
  const patch = async (bitrate: number): Promise<number> =>
    (await pi.client.send('PATCH', '/api/v1/config', { body: { encoder: { bitrate } } })).status;
  t.equal(await patch(8), 200);
  t.equal(await startRecording(pi, 'run'), 201);
  t.match((await pi.status()).encoder, {
    requested: 'v4l2',
    active: 'v4l2',
    device: '/dev/video11',
    reason: 'asked for',
    bytesCopied: Number,
  });
  await bytesPerFrame(pi, 30);
  const high = await bytesPerFrame(pi, 30);
  t.equal(await patch(0.1), 200);
  await bytesPerFrame(pi, 30);
  const low = await bytesPerFrame(pi, 60);
  t.ok(low < high / 2, `${Math.round(high)} bytes a frame became ${Math.round(low)}`);

  const certificate = await stopRecording(pi);
  t.match(certificate, {
    verdict: 'complete',
    losses: { sensor: 0, source: 0, encoder: 0, writer: 0 },
    encoder: { active: 'v4l2', device: '/dev/video11', reason: 'asked for' },
  });
  const { written } = certificate['frames'] as { written: number };
  await consecutive(t, join(pi.data, 'recordings/run/run_0000.mp4'), written);
  t.match((await pi.status()).encoder, idle);
});

t.test(
  'auto takes the hardware, and the software where that refuses: with a warning',
  async (t) => {
    const pi = await startOnAPi(t, 'auto', { REFUSE: 'EPERM:1' });
    const told: { type: string; data: Record<string, unknown> }[] = [];
    const events = pi.client.socket('/api/v1/events');
    t.teardown(() => events.close());
    events.on('message', (text: Buffer) =>
      told.push(JSON.parse(text.toString()) as (typeof told)[0]),
    );

    t.equal(await startRecording(pi, 'fallback'), 201);
    const warning = await until(
      () => told.find(({ data }) => data['code'] === 'encoder-refused'),
      'the warning comes',
    );
    t.match(warning, {
      type: 'error',
      data: { detail: /^The software encoder took over\. .*gpu_mem/ },
    });
    t.match(pi.command.stderr, /"code":"encoder-refused".*took over/);
    const software = { active: 'software', device: null, reason: /hardware encoder refused/ };
    t.match((await pi.status()).encoder, { requested: 'auto', ...software });
    await bytesPerFrame(pi, 10);
    t.match(await stopRecording(pi), { verdict: 'complete', encoder: software });

    t.equal(await startRecording(pi, 'hardware'), 201, 'it refused once');
    const hardware = { active: 'v4l2', reason: /bcm2835-codec-encode at \/dev\/video11/ };
    t.match((await pi.status()).encoder, hardware);
    await bytesPerFrame(pi, 10);
    t.match(await stopRecording(pi), { verdict: 'complete', encoder: hardware });
  },
);

t.test('asked for, the hardware never falls back', async (t) => {
  const pi = await startOnAPi(t, 'v4l2', { REFUSE: 'ESRCH' });
  const refused = await pi.client.send('POST', '/api/v1/recording', { body: { name: 'no' } });
  t.equal(refused.status, 422);
  t.match(refused.json(), { code: 'encoder-refused', detail: /lower one of them/ });
  t.match(await pi.status(), { state: 'idle', recording: null });

  const absent = await startOnAPi(t, 'v4l2', { ABSENT: '1' });
  t.match(absent.command.stderr, /"code":"encoder-unavailable"/, 'it starts, and says so');
  t.match((await absent.status()).encoder, { requested: 'v4l2', hardware: null });
  t.equal(await startRecording(absent, 'no'), 409);
});

t.test('record, without a server', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const record = (name: string, args: string[], faults = {}): Command =>
    new Command(
      [
        ...['record', '--camera', 'synthetic', '--size', '640x360', '--duration', '1s'],
        ...['--output', join(folder, name), ...args],
      ],
      onAPi(faults),
    );
  const whole = record('x.mp4', ['--encoder', 'v4l2', '--bitrate', '2']);
  t.equal((await whole.exit).code, 0, whole.stderr);
  t.match(whole.stderr, /v4l2 encoder/);
  await consecutive(t, join(folder, 'x.mp4'), 30);
  t.ok((await readFile(join(folder, 'x.mp4'))).length < 500_000, 'about 2 Mb');

  // The device writes no colours into its stream: those that are read are the container's.
  const sizes = { '640x360': 'smpte170m', '1280x720': 'bt709' };
  for (const [size, colour] of Object.entries(sizes)) {
    for (const name of [`a${size}.mp4`, `b${size}.mkv`]) {
      const made = record(name, ['--encoder', 'v4l2', '--size', size, '--duration', '0.2s']);
      t.equal((await made.exit).code, 0, made.stderr);
      t.match(await colours(join(folder, name)), {
        color_range: 'tv',
        color_space: colour,
        color_transfer: colour,
        color_primaries: colour,
      });
    }
  }

  const refused = record('y.mp4', ['--encoder', 'v4l2'], { REFUSE: 'EPERM' });
  t.equal((await refused.exit).code, 1);
  t.match(refused.stderr.trim(), /^.*raise gpu_mem in .*\.$/, 'one sentence or two, in one line');
  const fallback = record('z.mp4', [], { REFUSE: 'EPERM' });
  t.equal((await fallback.exit).code, 0, fallback.stderr);
  t.match(fallback.stderr, /The software encoder took over/);
});

t.test('a device that falls silent is opened again, and what it lost is certified', async (t) => {
  const pi = await startOnAPi(t, 'v4l2', { STALL: '30' });
  t.equal(await startRecording(pi, 'stalled'), 201);
  await bytesPerFrame(pi, 60);
  const certificate = await stopRecording(pi);
  const { encoder } = certificate['losses'] as { encoder: number };
  const { written, captured } = certificate['frames'] as { written: number; captured: number };
  t.match(certificate, {
    verdict: 'gaps',
    stop: { reason: 'requested' },
    encoder: { active: 'v4l2' },
  });
  t.ok(encoder > 0);
  t.equal(written + encoder, captured, 'each frame is written or counted');
  const path = join(pi.data, 'recordings/stalled/stalled_0000.mp4');
  const stamps = (await videoStamps(path, width)).map((stamp) => stamp?.sequence ?? NaN);
  t.equal(stamps.length, written);
  t.equal((stamps.at(-1) ?? 0) - (stamps[0] ?? 0) + 1, captured, 'by its stamps, too');
});
