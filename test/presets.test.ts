import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { History, type HistoryReading } from '../src/monitor/history.js';
import { mergeControls, withoutOverruled } from '../src/monitor/automatic-controls.js';
import type { Preset } from '../src/monitor/presets.js';
import type { ControlInfo, Measured } from '../src/native.js';
import { until } from './support/until.js';
import { startServer, type TestServer } from './support/server.js';

let server: TestServer;

t.before(async () => {
  server = await startServer();
});

t.teardown(() => server.close());

const path = '/api/v1/presets';

async function control(id: string): Promise<unknown> {
  const items = (await server.client.get('/api/v1/controls')).json()['items'] as ControlInfo[];
  return items.find((item) => item.id === id)?.value;
}

async function presets(): Promise<Preset[]> {
  return (await server.client.get(path)).json()['items'] as Preset[];
}

t.test('what is set is kept under a name and brought back', async (t) => {
  const { client } = server;
  t.same(await presets(), []);
  await client.send('PATCH', '/api/v1/config', { body: { preview: { quality: 60 } } });
  await client.send('PATCH', '/api/v1/controls', { body: { Brightness: 0.25 } });
  const saved = await client.send('POST', path, { body: { name: 'dark phase' } });
  t.equal(saved.status, 201);
  t.match(saved.json(), { name: 'dark phase', controls: { Brightness: 0.25 } });

  await client.send('PATCH', '/api/v1/config', { body: { preview: { quality: 90 } } });
  await client.send('PATCH', '/api/v1/controls', { body: { Brightness: -1 } });
  const applied = await client.send('POST', `${path}/dark%20phase/apply`);
  t.same(applied.json(), { name: 'dark phase', skipped: [] });
  t.match((await client.get('/api/v1/config')).json(), { preview: { quality: 60 } });
  t.equal(await control('Brightness'), 0.25);

  const [kept] = await presets();
  t.notOk('server' in (kept?.config ?? {}), 'the machine’s own matters are in no preset');
});

t.test('a preset from elsewhere is taken, but for controls that this camera lacks', async (t) => {
  const { client } = server;
  const body = {
    name: 'imported',
    config: { preview: { fps: 5 } },
    controls: { Brightness: 0.5, LensPosition: 2 },
  };
  t.equal((await client.send('POST', path, { body })).status, 201);
  const applied = await client.send('POST', `${path}/imported/apply`);
  t.same(applied.json()['skipped'], ['LensPosition']);
  t.match((await client.get('/api/v1/config')).json(), { preview: { fps: 5 } });
  t.same(
    (await presets()).map(({ name }) => name),
    ['dark phase', 'imported'],
  );
});

t.test('what could never be applied is refused at once', async (t) => {
  const refused = async (body: object): Promise<unknown> => {
    const answer = await server.client.send('POST', path, { body });
    return [answer.status, answer.json()['code'], answer.json()['field']];
  };
  const config = (value: object): object => ({ name: 'bad', config: value });
  t.same(await refused(config({ preview: { fps: 999 } })), [422, 'invalid-value', 'preview.fps']);
  t.same(await refused(config({ camera: { zoom: 2 } })), [422, 'unknown-field', 'camera.zoom']);
  t.same(await refused(config({ server: { port: 1 } })), [
    403,
    'not-settable-remotely',
    'server.port',
  ]);
  t.same(await refused({ name: 'a/b' }), [422, 'invalid-value', 'name']);
  t.equal((await server.client.send('POST', `${path}/none/apply`)).status, 404);
});

t.test('presets are removed, and many at once lose none', async (t) => {
  const { client } = server;
  const names = ['a', 'b', 'c', 'd', 'e'];
  await Promise.all(names.map((name) => client.send('POST', path, { body: { name } })));
  t.equal((await presets()).length, 7);
  await Promise.all(names.map((name) => client.send('DELETE', `${path}/${name}`)));
  const file = join(server.folder, 'data', 'presets.json');
  const stored = JSON.parse(await readFile(file, 'utf8')) as Preset[];
  t.same(stored.map(({ name }) => name).sort(), ['dark phase', 'imported']);
  t.equal((await client.send('DELETE', `${path}/a`)).status, 404);
});

t.test('a file of presets that is damaged is named, not overwritten', async (t) => {
  const other = await startServer();
  t.teardown(() => other.close());
  const file = join(other.folder, 'data', 'presets.json');
  await writeFile(file, '[{');
  const answer = await other.client.send('POST', path, { body: { name: 'new' } });
  t.equal(answer.status, 500);
  t.match(answer.json()['detail'], file);
  t.equal(await readFile(file, 'utf8'), '[{');
});

t.test('an automatic that is switched on overrules what is set by hand, and the other way', (t) => {
  const all = { AeEnable: true, ExposureTime: 5000, AnalogueGain: 2, Brightness: 1 };
  t.same(withoutOverruled(all), { AeEnable: true, Brightness: 1 });
  t.same(withoutOverruled({ ...all, AeEnable: false }), { ...all, AeEnable: false });
  t.same(withoutOverruled({ AfMode: 'AfModeContinuous', LensPosition: 2 }), {
    AfMode: 'AfModeContinuous',
  });
  t.same(mergeControls({ ExposureTime: 5000 }, { AeEnable: true }), { AeEnable: true });
  t.same(mergeControls({ AeEnable: true }, { ExposureTime: 5000 }), { ExposureTime: 5000 });
  t.same(mergeControls({ AwbEnable: false }, { Brightness: 1 }), {
    AwbEnable: false,
    Brightness: 1,
  });
  t.end();
});

t.test('the status tells what the camera says of its newest frame', async (t) => {
  const body = { AeEnable: false, ExposureTime: 8000, AnalogueGain: 2 };
  await server.client.send('PATCH', '/api/v1/controls', { body });
  await until(async () => {
    const { measured } = (await server.client.get('/api/v1/status')).json();
    return (measured as Measured | null)?.exposureUs === 8000;
  }, 'a frame was exposed as asked');
  const { measured } = (await server.client.get('/api/v1/status')).json();
  t.same(measured, { exposureUs: 8000, gain: 2, colourGains: null, lensPosition: null });
});

t.test('the history tells of the last hour in points of ten seconds', (t) => {
  const history = new History();
  const losses = { sensor: 0, source: 0, encoder: 0, writer: 0 };
  const at = (second: number, captured: number, lost: number): HistoryReading => ({
    wallUs: second * 1e6,
    monotonicMs: second * 1000,
    frames: { captured, losses: { ...losses, writer: lost } },
    freeBytes: 1e9,
    temperatureC: 50,
  });
  for (let second = 0; second <= 20; second++) history.look(at(second, second * 30, second));
  t.equal(history.points.length, 2);
  t.match(history.points[1], { wallUs: 20e6, lost: 10, freeBytes: 1e9, temperatureC: 50 });
  t.ok(Math.abs((history.points[1]?.intervalMs ?? 0) - 33.33) < 0.01);

  history.look(at(30, 60, 0));
  t.match(history.points[2], { lost: 0 }, 'the camera was restarted: its counts began anew');
  history.look({ ...at(40, 0, 0), frames: null, freeBytes: null });
  t.match(history.points[3], { intervalMs: null, lost: 0, freeBytes: null });
  for (let point = 5; point < 500; point++) history.look(at(point * 10, 0, 0));
  t.equal(history.points.length, 360);
  t.end();
});
