// Armed starts, splits and pre-roll, over HTTP.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parseInstant } from '../src/config/instant.js';
import type { Certificate } from '../src/monitor/certificate.js';
import { disagreements } from './support/recording-check.js';
import { startServer } from './support/server.js';
import { until } from './support/until.js';

const settings = { encoder: { kind: 'software', gop: 0.5 } };
const width = 320;

t.test('instants', async (t) => {
  const us = Date.UTC(2026, 10, 22, 7, 15) * 1000;
  t.equal(parseInstant('2026-11-22T07:15:00Z'), us);
  t.equal(parseInstant('2026-11-22T08:15+01:00'), us);
  t.equal(parseInstant('2026-11-22T07:15:00.000250Z'), us + 250);
  t.equal(parseInstant(us), us);
  for (const wrong of ['2026-11-22', '2026-11-22T07:15:00', '2026-13-22T07:15Z', -1, 1.5, '']) {
    t.equal(parseInstant(wrong), null, String(wrong));
  }
});

t.test('armed for an instant', async (t) => {
  const server = await startServer(settings);
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const post = (body: Record<string, unknown>) =>
    client.send('POST', '/api/v1/recording', { body });
  const startAt = Date.now() * 1000 + 2_000_000;
  const armed = await post({ name: 'run', startAt, duration: '1s' });
  t.equal(armed.status, 201);
  const none = { firstSensorNs: null, firstWallUs: null };
  t.match(armed.json(), { name: 'run', state: 'armed', startAtWallUs: startAt, ...none });
  t.match(monitor.status(), {
    state: 'armed',
    recording: { name: 'run', startedWallUs: null, startAtWallUs: startAt, frames: 0 },
  });
  t.equal(monitor.status().recording?.endsAt, startAt + 1_000_000);
  t.match(await monitor.library.get('run'), { state: 'armed', start: { at: { wallUs: startAt } } });
  t.equal((await post({})).status, 409, 'it is the one recording');
  await until(() => monitor.state === 'recording', 'it begins');
  await until(() => monitor.state === 'idle', 'it ends');
  const certificate = await monitor.library.get('run');
  t.match(certificate, { verdict: 'complete', stop: { reason: 'duration' }, plan: null });
  const lateFrames = ((certificate.start.wallUs - startAt) / 1e6) * 30;
  t.ok(lateFrames >= -0.1 && lateFrames <= 4, `${lateFrames.toFixed(1)} frames late`);
  const folder = join(monitor.recordings.folder, 'run');
  t.strictSame(await disagreements(folder, certificate as Certificate, width), []);

  await post({ name: 'off', startAt: new Date(Date.now() + 3600e3).toISOString() });
  t.equal(monitor.state, 'armed');
  t.equal((await client.send('DELETE', '/api/v1/recording')).status, 204);
  t.equal(monitor.state, 'idle');
  t.strictSame(await readdir(monitor.recordings.folder), ['run'], 'nothing is left of it');
  const field = 'startAt';
  t.match((await post({ startAt: 1 })).json(), { status: 422, field, detail: /in the past/ });
  t.match((await post({ startAt: 'noon' })).json(), { status: 422, field, detail: /2026-/ });
  const far = (Date.now() + 8 * 86_400e3) * 1000;
  t.match((await post({ startAt: far })).json(), { status: 422, field, detail: /7 days/ });
  t.strictSame(await readdir(monitor.recordings.folder), ['run']);
});

t.test('split, in another container, with a pre-roll', async (t) => {
  const server = await startServer({ ...settings, recording: { container: 'mkv' } });
  t.teardown(() => server.close());
  const { client, monitor } = server;
  t.equal((await client.send('POST', '/api/v1/recording/split')).status, 409);
  const preRoll = await client.send('PATCH', '/api/v1/config', {
    body: { recording: { preRoll: 1 } },
  });
  t.equal(preRoll.status, 200);
  const captured = monitor.status().frames.captured;
  await until(() => monitor.status().frames.captured > captured + 60, 'two seconds are kept');
  const askedUs = Date.now() * 1000;
  const started = await client.send('POST', '/api/v1/recording', { body: { name: 'split' } });
  const earlyMs = (askedUs - Number(started.json()['firstWallUs'])) / 1000;
  t.ok(earlyMs > 800 && earlyMs < 2500, `it begins ${Math.round(earlyMs)} ms before`);
  const frames = monitor.status().recording?.frames ?? 0;
  await until(() => (monitor.status().recording?.frames ?? 0) > frames + 10, 'frames are written');
  const split = await client.send('POST', '/api/v1/recording/split');
  t.match(split.json(), { name: 'split', segment: 1 });
  t.equal(monitor.status().recording?.segment, 1);
  const certificate = (await client.send('DELETE', '/api/v1/recording')).json();
  t.match(certificate, {
    files: [{ path: 'split_0000.mkv' }, {}, { path: 'split_0001.mkv' }, {}],
    settings: {},
  });
  const folder = join(monitor.recordings.folder, 'split');
  t.strictSame(await disagreements(folder, certificate as unknown as Certificate, width), []);
  await client.send('PATCH', '/api/v1/config', { body: { recording: { preRoll: 0 } } });
  t.equal(monitor.status().encoder.active, null, 'nothing is encoded for nobody');
});
