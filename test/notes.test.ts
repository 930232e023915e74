import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { Note } from '../src/monitor/notes.js';
import { startServer } from './support/server.js';
import { until } from './support/until.js';
import { videoStamps } from './support/video-stamps.js';

t.test('a note lands on the frame being captured', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const path = '/api/v1/recording/notes';
  const early = await client.send('POST', path, { body: { text: 'too early' } });
  t.equal(early.status, 409);
  t.match(early.json(), { code: 'not-recording' });

  const began = await client.send('POST', '/api/v1/recording', { body: { name: 'noted' } });
  const { firstWallUs } = began.json() as { firstWallUs: number };
  await until(() => (monitor.status().recording?.frames ?? 0) > 30, 'some frames are written');
  const cases: [body: unknown, code: string, field: string | null][] = [
    [{}, 'invalid-value', 'text'],
    [{ text: '' }, 'invalid-value', 'text'],
    [{ text: 'x'.repeat(2001) }, 'invalid-value', 'text'],
    [{ text: 'x', at: 'now' }, 'invalid-value', 'at'],
    [{ text: 'x', at: firstWallUs - 1_000_000 }, 'invalid-value', 'at'],
    [{ text: 'x', at: firstWallUs + 3_600_000_000 }, 'invalid-value', 'at'],
    [{ text: 'x', colour: 'red' }, 'unknown-field', 'colour'],
  ];
  for (const [body, code, field] of cases) {
    const refused = await client.send('POST', path, { body });
    t.equal(refused.status, 422, JSON.stringify(body).slice(0, 60));
    t.match(refused.json(), { code, field });
  }

  const taken = await client.send('POST', path, { body: { text: 'fed <b>m12</b>' } });
  t.equal(taken.status, 201);
  const now = taken.json() as unknown as Note;
  const saved = await readFile(join(monitor.recordings.folder, 'noted', 'noted.json'), 'utf8');
  t.match(JSON.parse(saved), { notes: [now] }, 'it is on the disk at once');
  const at = firstWallUs + 500_000;
  const then = (await client.send('POST', path, { body: { text: 'earlier', at } })).json();
  t.match(then, { wallUs: at });
  await until(() => (monitor.status().recording?.frames ?? 0) > now.frame + 10, 'frames go on');
  const certificate = (await client.send('DELETE', '/api/v1/recording')).json();
  t.strictSame(certificate['notes'], [now, then]);

  const stamps = await videoStamps(join(monitor.recordings.folder, 'noted', 'noted_0000.mp4'), 320);
  for (const note of [now, then as unknown as Note]) {
    const us = note.sensorNs / 1000;
    t.ok((stamps[note.frame]?.sensorUs ?? Infinity) <= us + 1000, `${note.text}: it had begun`);
    t.ok((stamps[note.frame + 1]?.sensorUs ?? 0) >= us - 1000, 'and the next had not');
  }
  const told = monitor.events.since(0).filter(({ data }) => data['action'] === 'note');
  t.match(told[0]?.data, { name: 'noted', text: 'fed <b>m12</b>', frame: now.frame });

  const page = await client.get('/api/v1/recordings/noted/certificate.html');
  t.equal(page.status, 200);
  t.match(page.headers['content-type'], /text\/html/);
  const text = page.bytes.toString();
  t.match(text, /Complete: every frame the camera made is in the files\./);
  t.match(text, /It was stopped\./);
  t.match(text, /fed &#60;b&#62;m12&#60;\/b&#62;/, 'what people wrote is text');
  t.notMatch(text, /<script|style=|undefined|\[object|NaN/);
  for (const fact of ['noted_0000.mp4', 'camera.fps', 'unsynchronised|ntp|unknown', 'libavcodec']) {
    t.match(text, new RegExp(fact));
  }
  t.equal((await client.get('/api/v1/recordings/none/certificate.html')).status, 404);
});
