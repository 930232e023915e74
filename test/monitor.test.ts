import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { verdictOf } from '../src/monitor/certificate.js';
import { EventLog } from '../src/monitor/events.js';
import { FrameFlow } from '../src/monitor/frame-flow.js';
import { checkName, nameFrom } from '../src/monitor/recording-name.js';
import { recordFrames, smallCamera, startServer } from './support/server.js';
import { until } from './support/until.js';
import { videoStamps } from './support/video-stamps.js';

t.test('names', async (t) => {
  const at = new Date(2026, 10, 22, 7, 15, 9);
  const named = (template: string, metadata = {}): string =>
    nameFrom(template, { host: 'cage3', at, metadata });
  t.equal(named('{host}_{date}_{time}'), 'cage3_20261122_071509');
  t.equal(named('{subject}-{session}', { subject: 'm12', session: 3 }), 'm12-3');
  t.equal(named('{subject}', { subject: 'Mäuse / Käfig' }), 'Mause-Kafig');
  t.equal(named('{subject}', { subject: '../../etc' }), 'etc');
  t.equal(named('a b/c'), 'a-b-c');
  t.equal(named('{host}{nothing}'), 'cage3');
  t.equal(named('{nothing}'), 'cage3_20261122_071509', 'never without a name');
  t.equal(named('{subject}', { subject: 'x'.repeat(999) }).length, 150);
  for (const name of ['a', 'A_1.b-c', '_x', '9']) t.equal(checkName(name), name);
  for (const name of ['', '.', '..', '-x', 'a b', 'a/b', 'ü', 'x'.repeat(151)]) {
    t.throws(() => checkName(name), { code: 'name-invalid' }, name);
  }
});

t.test('verdicts', async (t) => {
  const none = { sensor: 0, source: 0, encoder: 0, writer: 0 };
  t.equal(verdictOf({ reason: 'requested', losses: none }), 'complete');
  t.equal(verdictOf({ reason: 'duration', losses: none }), 'complete');
  t.equal(verdictOf({ reason: 'shutdown', losses: none }), 'complete');
  t.equal(verdictOf({ reason: 'requested', losses: { ...none, sensor: 1 } }), 'gaps');
  t.equal(verdictOf({ reason: 'disk-error', losses: none }), 'interrupted');
  t.equal(verdictOf({ reason: 'camera-lost', losses: { ...none, writer: 3 } }), 'interrupted');
});

t.test('the event log replays, and says what it has forgotten', async (t) => {
  const log = new EventLog();
  const first = log.lastId + 1;
  for (let i = 0; i < 1500; i++) log.add('viewer', { i });
  t.equal(log.since(log.lastId).length, 0);
  t.strictSame(
    log.since(log.lastId - 2).map(({ data }) => data['i']),
    [1498, 1499],
  );
  t.equal(log.since(first + 499).length, 1000, 'all that is kept');
  t.equal(log.since(first + 498)[0]?.type, 'gap');
  t.match(log.since(first)[0], { type: 'gap', data: { since: first, oldest: first + 500 } });
  t.equal(log.since(log.lastId + 1)[0]?.type, 'gap', 'an id of another run');
});

t.test('frames flow or not', async (t) => {
  const flow = new FrameFlow();
  t.notOk(flow.flowing(30, 0));
  flow.look(1, 0);
  t.ok(flow.flowing(30, 1900));
  flow.look(1, 1900);
  t.notOk(flow.flowing(30, 2100));
  t.ok(flow.flowing(1, 2100), 'one a second is allowed three');
  flow.look(null, 2200);
  t.notOk(flow.flowing(1, 2200));
});

t.test('a recording from start to certificate', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const started = await client.send('POST', '/api/v1/recording', {
    body: { name: 'run', metadata: { subject: 'm12', session: 3, blind: true } },
  });
  t.equal(started.status, 201);
  t.match(started.json(), {
    name: 'run',
    state: 'recording',
    firstSensorNs: Number,
    firstWallUs: Number,
  });
  const again = await client.send('POST', '/api/v1/recording', { body: {} });
  t.equal(again.status, 409);
  t.match(again.json(), { code: 'recording-running', detail: /run/ });

  const restart = await client.send('PATCH', '/api/v1/config', { body: { camera: { fps: 15 } } });
  t.equal(restart.status, 409);
  t.match(restart.json(), { code: 'needs-restart', field: 'camera.fps' });
  t.equal(monitor.settings.camera.fps, 30, 'nothing changed');
  const live = await client.send('PATCH', '/api/v1/config', { body: { preview: { quality: 50 } } });
  t.equal(live.status, 200, 'what is live can be changed');

  await until(() => (monitor.status().recording?.frames ?? 0) >= 30, '30 frames are written');
  const status = monitor.status();
  t.match(status, {
    state: 'recording',
    camera: { ...smallCamera, model: 'synthetic' },
    encoder: { requested: 'auto', active: 'software', device: null, bytesCopied: 0 },
    recording: { name: 'run', segment: 0, endsAt: null },
    disk: { path: 'recordings', freeBytes: Number },
  });
  const stopped = await client.send('DELETE', '/api/v1/recording');
  t.equal(stopped.status, 200);
  const certificate = stopped.json();
  t.match(certificate, {
    version: 1,
    name: 'run',
    verdict: 'complete',
    repaired: false,
    start: { by: 'api', sensorNs: started.json()['firstSensorNs'] },
    stop: { reason: 'requested' },
    losses: { sensor: 0, source: 0, encoder: 0, writer: 0 },
    camera: smallCamera,
    encoder: { active: 'software', device: null, reason: String, note: null },
    metadata: { subject: 'm12', session: 3, blind: true },
    clock: [{ reason: 'start', fromSensorNs: started.json()['firstSensorNs'] }],
  });
  const { written } = certificate['frames'] as { written: number };
  t.strictSame(certificate['frames'], {
    expected: written,
    captured: written,
    encoded: written,
    written,
  });

  const folder = join(monitor.recordings.folder, 'run');
  t.strictSame((await readdir(folder)).sort(), ['run.json', 'run_0000.frames.csv', 'run_0000.mp4']);
  t.strictSame(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')), certificate);
  const stamps = await videoStamps(join(folder, 'run_0000.mp4'), 320);
  t.equal(stamps.length, written, 'as many frames as certified');
  const first = stamps[0]?.sequence ?? 0;
  t.ok(
    stamps.every((stamp, i) => stamp?.sequence === (first + i) % 65_536),
    'none missing',
  );

  const second = await recordFrames(server, 5, { name: 'run' });
  t.equal(second['name'], 'run-2', 'a name that is taken gets a number');
  const list = (await client.get('/api/v1/recordings')).json()['items'] as { name: string }[];
  t.strictSame(
    list.map(({ name }) => name),
    ['run-2', 'run'],
    'newest first',
  );
});

t.test('starts and stops that meet', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const starts = await Promise.all(
    [1, 2, 3, 4].map(() => client.send('POST', '/api/v1/recording')),
  );
  t.strictSame(starts.map(({ status }) => status).sort(), [201, 409, 409, 409]);
  const stops = await Promise.all([1, 2, 3].map(() => client.send('DELETE', '/api/v1/recording')));
  t.strictSame(
    stops.map(({ status }) => status),
    [200, 200, 200],
  );
  t.strictSame(stops[0]?.json(), stops[1]?.json(), 'all get the same certificate');
  t.equal((await client.send('DELETE', '/api/v1/recording')).status, 409);
  t.equal((await monitor.library.list()).length, 1);
});

t.test('a stop of the server while a recording starts', async (t) => {
  const server = await startServer();
  const { monitor } = server;
  const starting = monitor.startRecording({ name: 'late', by: 'test' });
  await monitor.stop();
  await starting;
  t.match(await monitor.library.get('late'), {
    state: 'ended',
    verdict: 'complete',
    stop: { reason: 'shutdown' },
  });
  await server.close();
});

t.test('durations end by themselves', async (t) => {
  const server = await startServer({ recording: { duration: '1s', nameTemplate: '{subject}' } });
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const ended = async (name: string): Promise<void> => {
    await until(async () => (await monitor.library.get(name)).stop !== null, `${name} has ended`);
    await until(() => monitor.status().state === 'idle', 'the next can begin');
    t.match((await client.get(`/api/v1/recordings/${name}`)).json(), {
      state: 'ended',
      verdict: 'complete',
      stop: { reason: 'duration' },
    });
  };
  await client.send('POST', '/api/v1/recording', {
    body: { metadata: { subject: 'a' }, duration: 500 },
  });
  const { recording } = monitor.status();
  t.equal(recording?.endsAt, (recording?.startedWallUs ?? 0) + 500_000);
  await ended('a');
  t.equal((await monitor.library.get('a')).frames?.written, 15);
  await client.send('POST', '/api/v1/recording', { body: { metadata: { subject: 'b' } } });
  await ended('b');
  t.equal((await monitor.library.get('b')).frames?.written, 30, 'the configured duration');
});

t.test('losses are counted, told and certified', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  await client.send('POST', '/api/v1/recording', { body: { name: 'lossy' } });
  const written = (): number => monitor.status().recording?.frames ?? 0;
  await until(() => written() > 10, 'some frames are written');
  server.session().inject({ kind: 'drop-at-sensor', count: 3 });
  await until(() => monitor.status().losses.sensor === 3, 'the loss shows in the status');
  const before = written();
  await until(() => written() > before + 10, 'more frames are written');
  const certificate = (await client.send('DELETE', '/api/v1/recording')).json();
  t.match(certificate, {
    verdict: 'gaps',
    losses: { sensor: 3 },
    gaps: [{ frames: 3, stage: 'sensor' }],
  });
  const frames = certificate['frames'] as Record<string, number>;
  t.equal(frames['expected'], (frames['written'] ?? 0) + 3);
  const told = monitor.events.since(0).filter(({ type }) => type === 'loss');
  t.ok(told.every(({ data }) => data['stage'] === 'sensor'));
  t.equal(
    told.reduce((sum, { data }) => sum + Number(data['frames']), 0),
    3,
  );
});

t.test(
  'a viewer whose pictures make the server fail is told of, and harms no recording',
  async (t) => {
    const server = await startServer();
    t.teardown(() => server.close());
    const { monitor } = server;
    let pictures = 0;
    monitor.attachLiveView({
      counts: () => ({ viewers: 1, skipped: 0 }),
      onPreview: () => {
        pictures += 1;
        throw new Error('a fault in the view');
      },
      onSettings: () => undefined,
    });
    monitor.setPreview([{ id: 1, width: 320, fps: 30, quality: 70 }]);
    t.match(await recordFrames(server, 20), { verdict: 'complete' });
    await until(() => pictures > 3, 'pictures go on');
    const told = monitor.events.since(0).filter(({ data }) => data['code'] === 'internal');
    t.equal(told.length, 1, 'once');
  },
);

t.test('a camera that goes away is opened again', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  await client.send('PATCH', '/api/v1/controls', { body: { Brightness: 0.5 } });
  server.session().inject({ kind: 'fail' });
  await until(() => monitor.status().state === 'camera-lost', 'it is noticed');
  t.match(monitor.status().problem, { code: 'camera-lost' });
  t.equal((await client.get('/healthz')).status, 503);
  const refused = await client.send('POST', '/api/v1/recording');
  t.equal(refused.status, 503);
  t.match(refused.json(), { code: 'camera-lost' });
  t.equal((await client.get('/snapshot.jpg')).status, 503);
  t.ok(monitor.events.since(0).some(({ data }) => data['code'] === 'camera-lost'));

  await until(() => monitor.status().state === 'idle', 'it runs again');
  await until(async () => (await client.get('/healthz')).status === 200, 'frames flow again');
  t.equal(monitor.controls().find(({ id }) => id === 'Brightness')?.value, 0.5, 'set as before');
  t.match(await recordFrames(server, 5), { verdict: 'complete' });
});

t.test('a camera that cannot be opened, and the setting that mends it', async (t) => {
  const server = await startServer({ camera: { id: 'no-such-camera' } });
  t.teardown(() => server.close());
  const { client, monitor } = server;
  t.match(monitor.status(), { state: 'failed', camera: null, problem: { code: 'camera-unknown' } });
  t.ok(monitor.events.since(0).some(({ data }) => data['code'] === 'camera-unknown'));
  t.match((await client.get('/api/v1/controls')).json(), { code: 'camera-unknown' });
  const mended = await client.send('PATCH', '/api/v1/config', {
    body: { camera: { id: 'synthetic' } },
  });
  t.equal(mended.status, 200);
  t.match(monitor.status(), { state: 'idle', camera: { id: 'synthetic' }, problem: null });

  const worse = await client.send('PATCH', '/api/v1/config', {
    body: { camera: { id: 'nor-this' } },
  });
  t.match(worse.json(), { code: 'camera-unknown' });
  t.match(monitor.status(), { state: 'idle', camera: { id: 'synthetic' } }, 'as it was');
  t.equal(monitor.settings.camera.id, 'synthetic');
  const size = await client.send('PATCH', '/api/v1/config', {
    body: { camera: { width: 480, height: 270 } },
  });
  t.equal(size.status, 200);
  t.match(monitor.status().camera, { width: 480, height: 270 });
});

t.test('a missing encoder is said at the start and where a recording wants it', async (t) => {
  const server = await startServer({ encoder: { kind: 'v4l2' } });
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const told = (): unknown[] =>
    monitor.events.since(0).filter(({ data }) => data['code'] === 'encoder-unavailable');
  t.equal(told().length, 1);
  t.match(monitor.status(), {
    state: 'idle',
    encoder: { requested: 'v4l2', hardware: null, active: null, device: null, reason: null },
  });
  const refused = await client.send('POST', '/api/v1/recording', { body: { name: 'none' } });
  t.equal(refused.status, 409, 'asked for, it never falls back');
  t.match(refused.json(), { code: 'encoder-unavailable', field: 'encoder.kind' });
  t.equal(told().length, 2);
  t.equal(monitor.status().state, 'idle');
  t.strictSame(await readdir(monitor.recordings.folder), [], 'nothing is left of it');
});

t.test('a recording that runs takes over what its encoder can change', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const patch = async (encoder: Record<string, unknown>): Promise<number> =>
    (await client.send('PATCH', '/api/v1/config', { body: { encoder } })).status;
  const written = (): number => monitor.status().recording?.frames ?? 0;
  t.equal(await patch({ quality: 51 }), 200, 'with no recording there is nothing to tell');
  await client.send('POST', '/api/v1/recording', { body: { name: 'live' } });
  await until(() => written() >= 30, 'it is recorded at the lowest quality');
  const before = { frames: written(), bytes: monitor.status().recording?.bytes ?? 0 };
  t.equal(await patch({ quality: 1, gop: 0.5, bitrate: 2 }), 200);
  await until(() => written() >= before.frames + 60, 'and then at the highest');
  const { bytes = 0, frames = 0 } = monitor.status().recording ?? {};
  t.ok(
    (bytes - before.bytes) / (frames - before.frames) > (3 * before.bytes) / before.frames,
    'its frames have become larger',
  );
  t.equal(await patch({ kind: 'software', preset: 'ultrafast', threads: 2 }), 200);
  t.match((await client.send('DELETE', '/api/v1/recording')).json(), {
    verdict: 'complete',
    encoder: { active: 'software', reason: 'no bcm2835-codec device' },
  });
});

t.test('what an earlier process left', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  await recordFrames(server, 5, { name: 'died' });
  const path = join(monitor.recordings.folder, 'died', 'died.json');
  const certificate = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  const atStart = { ...certificate, verdict: 'interrupted', stop: null, frames: null };
  await writeFile(
    path,
    JSON.stringify({ ...atStart, files: [{ path: 'died_0000.mp4', bytes: null }] }),
  );
  const one = (await client.get('/api/v1/recordings/died')).json();
  t.match(one, { state: 'ended', verdict: 'interrupted', stop: null });
  t.ok((one['files'] as { bytes: number }[])[0]?.bytes, 'its size is that of the file');

  await writeFile(path, '{');
  t.equal((await client.get('/api/v1/recordings/died')).status, 404);
  t.strictSame((await client.get('/api/v1/recordings')).json(), { items: [] });
  await rm(monitor.recordings.folder, { recursive: true });
  t.strictSame((await client.get('/api/v1/recordings')).json(), { items: [] });
  const refused = await client.send('POST', '/api/v1/recording');
  t.match(refused.json(), { status: 503, code: 'disk-gone' }, 'it may be a disk that is unmounted');
  await t.rejects(readdir(monitor.recordings.folder), 'nothing is made in its place');
});

t.test('a recording whose file is removed under it is not complete', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  await client.send('POST', '/api/v1/recording', { body: { name: 'gone' } });
  await until(() => (monitor.status().recording?.frames ?? 0) > 5, 'some frames are written');
  await rm(monitor.recordings.folder, { recursive: true });
  t.match((await client.send('DELETE', '/api/v1/recording')).json(), {
    verdict: 'interrupted',
    stop: { reason: 'disk-gone' },
  });
});
