// Servers that are killed, stopped and started again: what they recorded is whole, and goes on.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Certificate } from '../src/monitor/certificate.js';
import type { Status } from '../src/monitor/status.js';
import { Command, startMonitorCommand, type MonitorCommand } from './support/command.js';
import { disagreements } from './support/recording-check.js';
import { until } from './support/until.js';

const width = 320;
const fps = 30;
const mostLostNs = 0.6e9;

class Place {
  private readonly started: MonitorCommand[] = [];

  constructor(readonly folder: string) {}

  static async make(t: Test, recording: Record<string, unknown> = {}): Promise<Place> {
    const place = new Place(await mkdtemp(join(tmpdir(), 'pi-monitor-test-')));
    t.teardown(async () => {
      for (const { command } of place.started) await command.kill('SIGKILL');
      await rm(place.folder, { recursive: true, force: true });
    });
    const camera = { id: 'synthetic', width, height: 180, fps };
    const disk = { reserveMegabytes: 0, reservePercent: 0 };
    const config = { camera, disk, encoder: { kind: 'software', gop: 0.5 }, recording };
    await writeFile(place.config, JSON.stringify(config));
    return place;
  }

  get config(): string {
    return join(this.folder, 'small.json');
  }

  recording(name: string): string {
    return join(this.folder, 'data', 'recordings', name);
  }

  async start(): Promise<MonitorCommand> {
    const data = join(this.folder, 'data');
    const monitor = await startMonitorCommand(['--data', data, '--config', this.config]);
    this.started.push(monitor);
    return monitor;
  }

  async certificate(name: string): Promise<Certificate> {
    const path = join(this.recording(name), `${name}.json`);
    return JSON.parse(await readFile(path, 'utf8')) as Certificate;
  }
}

const status = async ({ client }: MonitorCommand): Promise<Status> =>
  (await client.get('/api/v1/status')).json() as unknown as Status;

const goesOn = (monitor: MonitorCommand): Promise<boolean> =>
  until(
    async () => {
      const { state, recording } = await status(monitor);
      return state === 'recording' && (recording?.frames ?? 0) > 0;
    },
    'the recording goes on',
    60_000,
  );

/** Each file has the checksum that the certificate names. */
async function checkHashes(t: Test, folder: string, { files }: Certificate): Promise<void> {
  for (const { path, sha256, bytes } of files) {
    const content = await readFile(join(folder, path));
    t.equal(content.length, bytes, `size of ${path}`);
    t.equal(createHash('sha256').update(content).digest('hex'), sha256, `checksum of ${path}`);
  }
}

/** Kills a server `kills` times while it records, and starts it again; one recording goes on. */
async function killAgainAndAgain(t: Test, name: string, kills: number): Promise<void> {
  const place = await Place.make(t, { segmentDuration: '1s' });
  let monitor = await place.start();
  await monitor.client.send('POST', '/api/v1/recording', { body: { name } });
  let partNs = 0;
  for (let kill = 0; kill < kills; kill++) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 2000));
    const lastNs = (await status(monitor)).recording?.lastSensorNs ?? 0;
    await monitor.command.kill('SIGKILL');
    monitor = await place.start();
    await goesOn(monitor);
    const { frames, sensorNs } = await until(async () => {
      const { gaps } = await place.certificate(name);
      return gaps.find((gap) => gap.reason === 'crash' && (gap.sensorNs ?? 0) > lastNs);
    }, 'the gap is certified');
    // A part of which nothing had reached the disk yet has cost what it had.
    const keptNs = Math.max(partNs, (sensorNs ?? 0) - ((frames + 1) * 1e9) / fps);
    partNs = sensorNs ?? 0;
    const lostMs = Math.round((lastNs - keptNs) / 1e6);
    t.ok(lastNs - keptNs <= mostLostNs + 1e9 / fps, `kill ${kill} has cost ${lostMs} ms`);
  }
  const ended = await monitor.client.send('DELETE', '/api/v1/recording');
  t.match(ended.json(), { verdict: 'gaps', repaired: true, stop: { reason: 'requested' } });
  await until(async () => {
    return (await place.certificate(name)).files.every(({ sha256 }) => sha256 !== null);
  }, 'all files are hashed');
  await monitor.command.kill('SIGTERM');

  const certificate = await place.certificate(name);
  t.strictSame(await disagreements(place.recording(name), certificate, width), []);
  const { gaps, losses, frames } = certificate;
  t.ok(gaps.some(({ reason }) => reason === 'crash'));
  const stages = Object.values(losses ?? {}).reduce((sum, count) => sum + count, 0);
  t.equal(
    gaps.reduce((sum, gap) => sum + gap.frames, 0),
    stages,
    'every lost frame stands in a gap',
  );
  t.ok((frames?.written ?? 0) > 0);
  await checkHashes(t, place.recording(name), certificate);
}

t.test('killed at any moment, twenty times', async (t) => {
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => killAgainAndAgain(t, name, 5)));
});

t.test('a power cut: another start of the machine', async (t) => {
  const place = await Place.make(t);
  const before = await place.start();
  const body = { name: 'cut', duration: '1h' };
  await before.client.send('POST', '/api/v1/recording', { body });
  await until(async () => ((await status(before)).recording?.frames ?? 0) > 30, 'a second');
  await before.command.kill('SIGKILL');
  const left = await place.certificate('cut');
  const path = join(place.recording('cut'), 'cut.json');
  await writeFile(path, JSON.stringify({ ...left, bootId: 'of another start' }));
  const monitor = await place.start();
  await goesOn(monitor);
  const { recording } = await status(monitor);
  t.equal(recording?.endsAt, (left.plan?.from.wallUs ?? 0) + 3600e6, 'it ends when it was to end');
  const certificate = (await monitor.client.send('DELETE', '/api/v1/recording')).json();
  t.match(certificate, { repaired: true, verdict: 'gaps', gaps: [{ reason: 'power' }] });
  t.strictSame(
    await disagreements(place.recording('cut'), certificate as unknown as Certificate, width),
    [],
  );
  await monitor.command.kill('SIGTERM');
});

t.test('a part that dies before its gap is measured', async (t) => {
  const place = await Place.make(t);
  const first = await place.start();
  await first.client.send('POST', '/api/v1/recording', { body: { name: 'twice' } });
  await until(async () => ((await status(first)).recording?.frames ?? 0) > 30, 'a second');
  await first.command.kill('SIGKILL');
  const second = await place.start();
  await goesOn(second);
  const before = (await status(second)).recording?.frames ?? 0;
  await until(
    async () => ((await status(second)).recording?.frames ?? 0) > before + 30,
    'one more',
  );
  await second.command.kill('SIGKILL');
  const left = await place.certificate('twice');
  const [gap] = left.gaps;
  t.match(gap, { reason: 'crash', frames: Number, sensorNs: Number });
  // As it was saved before the part's first frame.
  const gaps = [{ ...gap, frames: 0, sensorNs: null }];
  await writeFile(
    join(place.recording('twice'), 'twice.json'),
    JSON.stringify({ ...left, gaps, files: left.files.slice(0, 2) }),
  );
  const third = await place.start();
  await goesOn(third);
  await third.client.send('DELETE', '/api/v1/recording');
  const certificate = await place.certificate('twice');
  t.strictSame(certificate.gaps[0], gap);
  t.strictSame(await disagreements(place.recording('twice'), certificate, width), []);
  await third.command.kill('SIGTERM');
});

t.test('after SIGTERM it goes on, after Ctrl-C it does not', async (t) => {
  const place = await Place.make(t);
  const first = await place.start();
  await first.client.send('POST', '/api/v1/recording', { body: { name: 'on' } });
  await goesOn(first);
  await first.command.kill('SIGTERM');
  t.match(await place.certificate('on'), { stop: { reason: 'shutdown' }, plan: {} });
  const second = await place.start();
  await goesOn(second);
  await second.command.kill('SIGINT');
  const certificate = await place.certificate('on');
  t.match(certificate, {
    verdict: 'gaps',
    repaired: false,
    plan: null,
    stop: { reason: 'shutdown' },
    gaps: [{ reason: 'restart', stage: 'sensor' }],
  });
  t.strictSame(await disagreements(place.recording('on'), certificate, width), []);
  const third = await place.start();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  t.equal((await status(third)).state, 'idle');

  await third.client.send('POST', '/api/v1/recording', { body: { name: 'short', duration: '2s' } });
  await goesOn(third);
  await third.command.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const fourth = await place.start();
  await until(async () => (await place.certificate('short')).plan === null, 'its time is over');
  t.match(await place.certificate('short'), { repaired: true, stop: { reason: 'crash' } });
  t.equal((await status(fourth)).state, 'idle');
  await fourth.command.kill('SIGTERM');
});

t.test('what another process records is left alone', async (t) => {
  const place = await Place.make(t, { resume: false });
  const owner = await place.start();
  await owner.client.send('POST', '/api/v1/recording', { body: { name: 'mine' } });
  await goesOn(owner);
  const other = await place.start();
  await until(() => /left alone/.test(other.command.stderr), 'the other has looked');
  const byHand = new Command(['repair', place.recording('mine')]);
  t.equal((await byHand.exit).code, 1);
  t.match(byHand.stderr, /mine: is being recorded/);
  const certificate = (await owner.client.send('DELETE', '/api/v1/recording')).json();
  t.match(certificate, { verdict: 'complete', repaired: false });
  t.strictSame(
    await disagreements(place.recording('mine'), certificate as unknown as Certificate, width),
    [],
  );
  await Promise.all([owner.command.kill('SIGTERM'), other.command.kill('SIGTERM')]);
});
