// What is made from recordings: conversions with the real ffmpeg, and small pictures.
import { execFile } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { conversionOf } from '../src/media/conversion.js';
import { findFfmpeg } from '../src/media/ffmpeg.js';
import { workFolder } from '../src/media/tasks.js';
import { convert } from '../src/media/worker/convert.js';
import {
  everyNth,
  fraction,
  nearestFrames,
  sensorTiming,
  steadyTiming,
} from '../src/media/worker/timing.js';
import { loadAddon, type ContainerKind } from '../src/native.js';
import { startMonitorCommand } from './support/command.js';
import {
  askFor,
  finished,
  itemOf,
  jobOf,
  processesIn,
  readCsv,
  recordNamed,
} from './support/media.js';
import { ffprobe, mkvmerge, opencv } from './support/outside-readers.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';
import { videoStamps } from './support/video-stamps.js';

const run = promisify(execFile);

async function temporary(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-media-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function serve(t: Test, settings = {}): Promise<TestServer> {
  const server = await startServer(settings);
  t.teardown(() => server.close());
  return server;
}

const folderOf = ({ folder }: TestServer, name: string): string =>
  join(folder, 'data', 'recordings', name);

/** When each frame is shown, in µs. */
async function timesOf(video: string): Promise<number[]> {
  const args = ['-v', 'error', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', video];
  const { stdout } = await run('ffprobe', args, { maxBuffer: 1e8 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => Math.round(parseFloat(line) * 1e6));
}

/** An ffmpeg that reads no faster than the video plays. */
async function slowFfmpeg(folder: string): Promise<string> {
  const path = join(folder, 'slow-ffmpeg');
  const script =
    '#!/bin/sh\ncase "$*" in *-progress*) exec ffmpeg -re "$@" ;; *) exec ffmpeg "$@" ;; esac\n';
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

async function serveSlowly(t: Test, settings = {}): Promise<TestServer> {
  process.env['FFMPEG_BIN'] = await slowFfmpeg(await temporary(t));
  const server = await serve(t, settings);
  await until(() => server.monitor.media.ffmpeg, 'ffmpeg is found');
  delete process.env['FFMPEG_BIN'];
  return server;
}

t.test('the times of frames', async (t) => {
  const at = (...ms: number[]) => ({
    frames: ms.map((_, i) => i),
    sensorNs: ms.map((x) => 1e12 + x * 1e6),
  });
  t.strictSame(sensorTiming(at(0, 33.3, 70)), {
    timescale: 1e6,
    ticks: [0, 33_300, 70_000],
    lastTicks: 36_700,
  });
  t.match(sensorTiming(at(5)), { ticks: [0], lastTicks: 1e6 });
  const night = sensorTiming(at(0, 40, 36e6));
  t.strictSame(night, { timescale: 10_000, ticks: [0, 400, 360_000_000], lastTicks: 359_999_600 });

  t.strictSame(nearestFrames(at(0, 100, 200, 500, 600), 10), [0, 1, 2, 2, 3, 3, 4]);
  t.strictSame(nearestFrames(at(0, 10, 20, 30, 40, 100), 10), [0, 5], 'those between are left out');
  t.strictSame(nearestFrames(at(7), 30), [0]);
  t.strictSame(everyNth(at(0, 1, 2, 3, 4, 5, 6), 3), [0, 3, 6]);

  t.strictSame(fraction(30), [30, 1]);
  t.strictSame(fraction(29.97), [2997, 100]);
  t.strictSame(fraction(12.5), [25, 2]);

  // Frame 0 is shown as 0 and 1, frames 1 and 2 not, frame 3 as 2.
  t.strictSame(steadyTiming(4, [0, 0, 3], 30), {
    timescale: 90,
    ticks: [0, 1, 2, 6],
    lastTicks: 3,
    unit: 3,
    outputFrames: 3,
  });
  const { timescale, unit } = steadyTiming(2, [0, 1], 29.97);
  t.equal(timescale / unit, 29.97);
});

t.test('what can be asked for', async (t) => {
  t.strictSame(conversionOf({ kind: 'mp4' }, 30), { kind: 'mp4' });
  t.strictSame(conversionOf({ kind: 'constant-rate' }, 29.9701), {
    kind: 'constant-rate',
    fps: 29.97,
  });
  t.strictSame(conversionOf({ kind: 'smaller', height: 360 }, 30), {
    kind: 'smaller',
    height: 360,
    quality: 'medium',
  });
  t.throws(() => conversionOf({ kind: 'mp4', every: 3 }, 30), {
    code: 'unknown-field',
    field: 'every',
  });
});

for (const container of ['mp4', 'mkv', 'h264'] as const) {
  t.test(
    `segments of ${container} are joined without a lost, doubled or moved frame`,
    async (t) => {
      const folder = await temporary(t);
      const segments = await recordSegments(folder, container);
      const ffmpeg = (await findFfmpeg())?.program ?? '';
      const keepFree = { bytes: 0, percent: 0 };
      let progress = 0;
      const made = await convert(
        { type: 'convert', ffmpeg, folder, segments, conversion: { kind: 'mp4' }, keepFree },
        (done) => (progress = done),
      );
      const rows = (
        await Promise.all(segments.map(({ log }) => readCsv(join(folder, log))))
      ).flat();
      const joined = join(folder, made[0]?.path ?? '');
      const sensorUs = rows.map((row) => Math.floor(Number(row['sensor_ns']) / 1000));
      t.match(made, [{ kind: 'mp4', frames: rows.length, bytes: (await stat(joined)).size }]);
      t.equal(progress, 1);
      t.strictSame(
        (await videoStamps(joined, 320)).map((stamp) => stamp?.sensorUs),
        sensorUs,
      );
      const start = Number(rows[0]?.['sensor_ns']);
      t.strictSame(
        await timesOf(joined),
        rows.map((row) => Math.round((Number(row['sensor_ns']) - start) / 1e3)),
      );
      const { frames } = await ffprobe(joined);
      t.equal(frames, rows.length);
      t.match(await mkvmerge(joined), { container: /MP4/ });
      const wanted = Array.from({ length: 20 }, (_, i) => (i * 37) % rows.length);
      const seen = await opencv(joined, wanted);
      t.equal(seen.frames, rows.length, "OpenCV's count");
    },
  );
}

/** Three segments of the synthetic camera at 60 frames a second. */
async function recordSegments(folder: string, container: ContainerKind) {
  const session = new (loadAddon().Session)({
    onPreview: () => undefined,
    onEvent: () => undefined,
  });
  const size = { width: 320, height: 180, previewWidth: 320, previewHeight: 180 };
  await session.start({ id: 'synthetic', fps: 60, ...size });
  await session.startRecording({
    ...{
      folder,
      name: 'a',
      container,
      numbered: true,
      segmentMs: 0,
      segmentBytes: 0,
      maxDurationMs: 0,
    },
    encoder: {
      kind: 'software',
      bitrate: 0,
      preset: 'ultrafast',
      quality: 23,
      threads: 1,
      gopMs: 500,
    },
  });
  const frames = (count: number) =>
    until(() => (session.status().recording?.written ?? 0) >= count, `${count} frames`);
  for (const count of [40, 80]) {
    await frames(count);
    await session.splitRecording();
  }
  await frames(130);
  const { files } = await session.stopRecording('requested');
  await session.close();
  return files.map(({ video, log }) => ({ video, log }));
}

t.test('every kind, over HTTP', async (t) => {
  const server = await serve(t);
  const folder = folderOf(server, 'a');
  await recordNamed(server, 'a', 90, async () => {
    await server.session().splitRecording();
    server.session().inject({ kind: 'drop-at-sensor', count: 7 });
  });
  const item = await itemOf(server, 'a');
  t.match(item, { verdict: 'gaps', derived: [] });
  const originals = await hashes(folder);
  const logs = item.files.filter(({ path }) => path.endsWith('.csv'));
  const rows = (await Promise.all(logs.map(({ path }) => readCsv(join(folder, path))))).flat();
  const stampOf = new Map(
    rows.map((row) => [row['frame'], Math.floor(Number(row['sensor_ns']) / 1000)]),
  );

  t.test('constant rate, with a map that is true', async (t) => {
    for (const fps of [30, 20, 59.94]) {
      const job = await finished(server, await askFor(server, 'a', { kind: 'constant-rate', fps }));
      t.match(job, { state: 'done', progress: 1, error: null });
      const video = join(folder, job.output ?? '');
      const map = await readCsv(video.replace('.mp4', '.frame-map.csv'));
      const shown = map.filter(({ what }) => what !== 'drop');
      const stamps = (await videoStamps(video, 320)).map((stamp) => stamp?.sensorUs);
      t.strictSame(
        stamps,
        shown.map((row) => stampOf.get(row['source_frame'])),
        'each frame is the one that the map says',
      );
      t.strictSame(
        shown.map((row) => Number(row['output_frame'])),
        shown.map((_, k) => k),
      );
      const listed = new Set(map.map((row) => row['source_frame']));
      t.strictSame(listed, new Set(stampOf.keys()), 'every frame of the recording is in the map');
      const nearest = Math.max(...shown.map((row) => Math.abs(Number(row['offset_us']))));
      t.ok(nearest <= 134_000, 'none is further off than half the gap');
      t.ok(
        shown.some(({ what }) => what === 'duplicate'),
        'the gap is filled',
      );
      t.equal(
        map.some(({ what }) => what === 'drop'),
        fps < 30,
      );
      const times = await timesOf(video);
      t.ok(
        times.every((us, k) => Math.abs(us - (k * 1e6) / fps) <= 1),
        'at even distances',
      );
      const wanted = Array.from({ length: 10 }, (_, i) => (i * 37) % stamps.length);
      t.strictSame(await opencv(video, wanted), {
        frames: stamps.length,
        seeks: wanted.map((k) => stamps[k]),
      });
    }
  });

  t.test('a smaller copy has every frame at its time', async (t) => {
    const job = await finished(
      server,
      await askFor(server, 'a', { kind: 'smaller', height: 160, quality: 'high' }),
    );
    t.match(job, { state: 'done', output: 'a_smaller.mp4' });
    const video = join(folder, 'a_smaller.mp4');
    const start = Number(rows[0]?.['sensor_ns']);
    t.strictSame(
      await timesOf(video),
      rows.map((row) => Math.round((Number(row['sensor_ns']) - start) / 1e3)),
    );
    const { stdout } = await run('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=width,height',
      '-of',
      'csv=p=0',
      video,
    ]);
    t.equal(stdout.trim(), '284,160');
  });

  t.test('a time-lapse has every n-th frame', async (t) => {
    const job = await finished(
      server,
      await askFor(server, 'a', { kind: 'time-lapse', every: 7, quality: 'high' }),
    );
    const video = join(folder, job.output ?? '');
    const stamps = (await videoStamps(video, 320)).map((stamp) => stamp?.sensorUs);
    t.strictSame(
      stamps,
      [...stampOf.values()].filter((_, i) => i % 7 === 0),
    );
  });

  t.test(
    'what was made is named in the certificate, and served; the originals are as they were',
    async (t) => {
      const { derived } = await itemOf(server, 'a');
      t.strictSame(
        derived.map(({ kind }) => kind),
        [
          'constant-rate',
          'frame-map',
          'constant-rate',
          'frame-map',
          'constant-rate',
          'frame-map',
          'smaller',
          'time-lapse',
        ],
      );
      t.equal(
        new Set(derived.map(({ path }) => path)).size,
        derived.length,
        'nothing was overwritten',
      );
      const now = await hashes(folder);
      for (const { path, sha256 } of derived) t.equal(now.get(path), sha256, path);
      for (const [path, hash] of originals)
        if (!path.endsWith('.json')) t.equal(now.get(path), hash, path);
      const served = await server.client.get('/api/v1/files/a/a_smaller.mp4');
      t.equal(served.status, 200);
      t.equal(served.bytes.length, derived.find(({ kind }) => kind === 'smaller')?.bytes);
      t.notOk((await readdir(folder)).includes(workFolder));
      const page = await server.client.get('/api/v1/recordings/a/certificate.html');
      t.match(page.bytes.toString(), 'a_smaller.mp4');
    },
  );

  t.test('all at once, but for those that are converted so', async (t) => {
    await recordNamed(server, 'b', 10);
    const body = { kind: 'smaller', height: 160, quality: 'high' };
    const answer = await server.client.send('POST', '/api/v1/jobs', { body });
    t.equal(answer.status, 202);
    t.match(answer.json(), { items: [{ recording: 'b', kind: 'smaller' }] });
    t.equal((answer.json()['items'] as unknown[]).length, 1);
  });

  t.test('what cannot be', async (t) => {
    const ask = async (path: string, body: object) => {
      const answer = await server.client.send('POST', `/api/v1/${path}`, { body });
      return { status: answer.status, ...answer.json() };
    };
    t.match(await ask('recordings/none/convert', { kind: 'mp4' }), {
      status: 404,
      code: 'not-found',
    });
    t.match(await ask('recordings/a/convert', { kind: 'gif' }), { status: 422, field: 'kind' });
    t.match(await ask('recordings/a/convert', { kind: 'mp4', fps: 5 }), {
      status: 422,
      code: 'unknown-field',
    });
    t.match(await ask('recordings/a/convert', {}), { status: 422, field: 'kind' });
    t.match(await ask('jobs', { kind: 'mp4', recordings: ['none'] }), { status: 404 });
    t.equal((await server.client.get('/api/v1/jobs/none')).status, 404);
    await server.client.send('POST', '/api/v1/recording', { body: { name: 'running' } });
    t.match(await ask('recordings/running/convert', { kind: 'mp4' }), {
      status: 409,
      code: 'recording-running',
    });
    await server.client.send('DELETE', '/api/v1/recording');
  });
});

async function hashes(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const { stdout } = await run('sha256sum', names, { cwd: folder });
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  );
}

t.test('the queue: one runs, one waits; both can be cancelled', async (t) => {
  const server = await serveSlowly(t);
  const folder = folderOf(server, 'a');
  await recordNamed(server, 'a', 60);
  const before = await readdir(folder);
  const first = await askFor(server, 'a', { kind: 'mp4' });
  const second = await askFor(server, 'a', { kind: 'smaller', height: 160 });
  t.equal((await askFor(server, 'a', { kind: 'mp4' })).id, first.id, 'asked for twice it is one');
  await until(async () => (await jobOf(server, first.id)).progress > 0, 'it makes progress');
  t.match(await jobOf(server, first.id), { state: 'running' });
  t.match(await jobOf(server, second.id), { state: 'queued', progress: 0 });
  const [ffmpeg] = await processesIn(folder);
  t.match(await readFile(`/proc/${ffmpeg}/stat`, 'utf8'), / 39 19 /, 'with the least priority');

  t.equal((await server.client.send('DELETE', `/api/v1/jobs/${first.id}`)).status, 204);
  t.match(await jobOf(server, first.id), { state: 'cancelled', output: null, error: null });
  await until(
    async () => (await jobOf(server, second.id)).state === 'running',
    'the next one runs',
  );
  await server.client.send('DELETE', `/api/v1/jobs/${second.id}`);
  t.strictSame(await readdir(folder), before, 'nothing unfinished is left');
  t.strictSame(await processesIn(folder), [], 'nor does anything run');
  await server.client.send('DELETE', `/api/v1/jobs/${first.id}`);
  t.equal((await server.client.get(`/api/v1/jobs/${first.id}`)).status, 404, 'forgotten');

  const third = await askFor(server, 'a', { kind: 'mp4' });
  await until(async () => (await jobOf(server, third.id)).progress > 0, 'it makes progress');
  t.equal((await server.client.send('DELETE', '/api/v1/recordings/a?confirm=a')).status, 204);
  t.match(await jobOf(server, third.id), { state: 'cancelled' }, 'removed with its recording');
  t.notOk((await readdir(join(folder, '..'))).includes('a'));
});

t.test('a recording loses no more during a conversion than without one', async (t) => {
  const server = await serve(t);
  await recordNamed(server, 'control', 90);
  const { losses: control } = await itemOf(server, 'control');
  for (const fps of [240, 239, 238])
    await askFor(server, 'control', { kind: 'constant-rate', fps });
  await recordNamed(server, 'a', 90);
  const { losses, frames } = await itemOf(server, 'a');
  const sum = (all: object | null): number =>
    Object.values(all ?? {}).reduce((a: number, b) => a + Number(b), 0);
  t.ok(sum(losses) <= sum(control), `${sum(losses)} lost, ${sum(control)} in the control`);
  t.equal(
    frames?.captured,
    (frames?.written ?? 0) + (losses?.encoder ?? 0) + (losses?.writer ?? 0),
  );
  const jobs = (await server.client.get('/api/v1/jobs')).json()['items'] as { progress: number }[];
  t.ok((jobs[0]?.progress ?? 0) > 0, 'and it was converted meanwhile');
});

t.test('what fails says why, and leaves nothing', async (t) => {
  const server = await serve(t);
  await recordNamed(server, 'a', 60);
  const folder = folderOf(server, 'a');
  const video = join(folder, 'a_0000.mp4');
  const before = await readdir(folder);

  await server.client.send('PATCH', '/api/v1/config', {
    body: { disk: { reserveMegabytes: 1_000_000 } },
  });
  const full = await finished(server, await askFor(server, 'a', { kind: 'mp4' }));
  t.match(full, {
    state: 'failed',
    error: { code: 'disk-full', detail: /needs about .* can be used/ },
  });
  await server.client.send('PATCH', '/api/v1/config', { body: { disk: { reserveMegabytes: 1 } } });

  const file = await open(video, 'r+');
  const { size } = await file.stat();
  await file.write(Buffer.alloc(5000, 0x55), 0, 5000, Math.round(size / 2));
  await file.close();
  const broken = await finished(server, await askFor(server, 'a', { kind: 'smaller' }));
  t.match(broken, {
    state: 'failed',
    output: null,
    error: { code: 'conversion-failed', detail: /\w+/ },
  });
  await writeFile(video, 'no video at all');
  const none = await finished(server, await askFor(server, 'a', { kind: 'mp4' }));
  t.match(none, { state: 'failed', error: { detail: /a_0000\.mp4|Invalid data/ } });
  t.strictSame(await readdir(folder), before);
  t.equal(await readFile(video, 'utf8'), 'no video at all');
  const events = server.monitor.events.since(0).filter(({ type }) => type === 'job');
  t.match(events.at(-1), { data: { state: 'failed', error: { code: 'conversion-failed' } } });
});

t.test('a disk that fills up ends a conversion before it ends a recording', async (t) => {
  const folder = await temporary(t);
  const dataFolder = join(folder, 'disk');
  await mkdir(dataFolder);
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', dataFolder]).then(
    () => true,
    () => false,
  );
  if (!mounted) {
    t.pass('a small disk', { skip: 'a disk cannot be mounted here' });
    return;
  }
  t.teardown(() => run('umount', ['--lazy', dataFolder]));
  const server = await serveSlowly(t, { dataFolder, disk: { reserveMegabytes: 2 } });
  await recordNamed(server, 'a', 120);
  const job = await askFor(server, 'a', { kind: 'mp4' });
  await until(async () => (await jobOf(server, job.id)).progress > 0, 'it makes progress');
  await writeFile(join(dataFolder, 'filler'), Buffer.alloc(38e6)).catch(() => undefined);
  t.match(await finished(server, job), { state: 'failed', error: { code: 'disk-full' } });
});

t.test('a killed server takes its conversion with it; the next start clears up', async (t) => {
  const folder = await temporary(t);
  const env = { FFMPEG_BIN: await slowFfmpeg(folder) };
  const args = ['--data', folder, '--config', join(folder, 'config.json'), '--camera', 'synthetic'];
  const { command, client } = await startMonitorCommand(args, env);
  await client.send('POST', '/api/v1/recording', { body: { name: 'a' } });
  await until(async () => {
    const { recording } = (await client.get('/api/v1/status')).json() as {
      recording: { frames: number } | null;
    };
    return (recording?.frames ?? 0) >= 60;
  }, 'it is recorded');
  await client.send('DELETE', '/api/v1/recording');
  const recording = join(folder, 'recordings', 'a');
  await askFor({ client }, 'a', { kind: 'mp4' });
  await until(async () => (await processesIn(recording)).length > 0, 'ffmpeg runs');
  await command.kill('SIGKILL');
  await until(async () => (await processesIn(recording)).length === 0, 'ffmpeg is gone');
  t.ok((await readdir(recording)).includes(workFolder));
  const again = await startMonitorCommand(args, env);
  await until(async () => !(await readdir(recording)).includes(workFolder), 'it is cleared up');
  t.strictSame((await again.client.get('/api/v1/jobs')).json(), { items: [] });
  await again.command.kill('SIGTERM');
});

t.test('a small picture of each recording', async (t) => {
  const server = await serve(t);
  const ask = (name: string, headers = {}) =>
    server.client.get(`/api/v1/recordings/${name}/thumbnail.jpg`, headers);
  await recordNamed(server, 'a', 30, async () => {
    const early = await ask('a');
    t.equal(early.status, 200, 'while it is recorded');
  });
  const [one, other] = await Promise.all([ask('a'), ask('a')]);
  t.match(one.headers, { 'content-type': 'image/jpeg' });
  t.ok(one.bytes.equals(other.bytes));
  t.match(await sharp(one.bytes).metadata(), { format: 'jpeg', width: 320, height: 180 });
  const { channels } = await sharp(one.bytes).stats();
  t.ok(
    channels.some(({ stdev }) => stdev > 10),
    'something is to be seen',
  );
  t.equal((await ask('a', { 'If-None-Match': one.headers.etag ?? '' })).status, 304);
  t.match((await ask('none')).json(), { code: 'not-found' });
  const video = join(folderOf(server, 'a'), 'a_0000.mp4');
  await rm(join(folderOf(server, 'a'), '.thumbnail.jpg'));
  await writeFile(video, '');
  t.match((await ask('a')).json(), { code: 'not-found', detail: /No frame/ });
});
