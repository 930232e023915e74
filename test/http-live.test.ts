import { once } from 'node:events';
import t from 'tap';
import { closeCodes } from '../src/http/live/acknowledgement.js';
import { closeOf } from './support/http-client.js';
import { startServer } from './support/server.js';
import { SlowReader } from './support/slow-reader.js';
import { until } from './support/until.js';
import { TestViewer } from './support/viewer.js';

interface PreviewCounts {
  viewers: number;
  skipped: number;
  encoded: number;
}

t.test('the live view', async (t) => {
  const server = await startServer({
    camera: { width: 640, height: 360 },
    preview: { width: 640, fps: 30 },
  });
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const preview = (): PreviewCounts => monitor.status().preview;
  const watch = (query: string, options = {}): TestViewer =>
    new TestViewer(client.socket(`/api/v1/preview?${query}`), options);

  t.test('nobody watching: no picture is made', async (t) => {
    const { captured } = monitor.status().frames;
    await until(() => monitor.status().frames.captured > captured + 10, 'frames pass');
    t.equal(preview().encoded, 0);
  });

  t.test('one who acknowledges gets advancing frames', async (t) => {
    const viewer = watch('codec=jpeg&ack=1');
    await until(() => viewer.seen.length >= 20, '20 frames came');
    t.equal(preview().viewers, 1);
    viewer.close();
    for (const [i, { sequence, sensorNs }] of viewer.seen.entries()) {
      if (i === 0) continue;
      const before = viewer.seen[i - 1];
      t.ok(sequence > (before?.sequence ?? 0) && sensorNs > (before?.sensorNs ?? 0));
    }
    await until(() => preview().viewers === 0, 'it has left');
    const { encoded } = preview();
    const { captured } = monitor.status().frames;
    await until(() => monitor.status().frames.captured > captured + 5, 'frames pass');
    t.ok(preview().encoded <= encoded + 1, 'nobody watching: no picture is made');
  });

  t.test(
    'the newest frame or none: what a viewer is late for is skipped and counted',
    async (t) => {
      const viewer = watch('ack=1', { ack: 'held' });
      await until(() => viewer.seen.length === 1, 'the first frame came');
      const { skipped } = preview();
      await until(() => preview().skipped > skipped + 10, 'frames are skipped');
      t.equal(viewer.seen.length, 1, 'not a second before the first is acknowledged');
      viewer.release();
      await until(() => viewer.seen.length > 1, 'the next came');
      const [first, next] = viewer.seen;
      t.ok((next?.sequence ?? 0) - (first?.sequence ?? 0) > 10, 'the newest, not the second');
      viewer.close();
    },
  );

  t.test('rate and width as asked', async (t) => {
    const viewer = watch('ack=1&fps=10&width=300');
    await until(() => viewer.seen.length >= 10, '10 frames came');
    const spacing = viewer.seen
      .slice(1)
      .map((one, i) => one.sensorNs - (viewer.seen[i]?.sensorNs ?? 0));
    t.ok(
      spacing.every((ns) => ns > 60e6),
      `apart by ${Math.min(...spacing) / 1e6} ms and more`,
    );
    const wide = watch('ack=1');
    await until(() => wide.seen.length >= 2, 'a wide frame came');
    t.ok((wide.seen[0]?.bytes ?? 0) > 2 * (viewer.seen[0]?.bytes ?? 0), 'a half is much smaller');
    viewer.close();
    wide.close();
  });

  t.test('without acknowledgement frames come too', async (t) => {
    const viewer = watch('codec=jpeg', { ack: 'never' });
    await until(() => viewer.seen.length >= 10, '10 frames came');
    t.pass();
    viewer.close();
  });

  t.test('what closes a preview', async (t) => {
    const liar = watch('ack=1', { ack: 'never' });
    await until(() => liar.seen.length >= 1, 'a frame came');
    const lied = closeOf(liar.socket);
    liar.acknowledge(((liar.seen[0]?.sequence ?? 0) + 1000) >>> 0);
    t.equal(await lied, closeCodes.ackNotSent);

    const babbler = watch('ack=1', { ack: 'never' });
    await until(() => babbler.seen.length >= 1, 'a frame came');
    const babbled = closeOf(babbler.socket);
    babbler.socket.send('hello');
    t.equal(await babbled, closeCodes.malformed);

    const silent = watch('ack=1', { ack: 'never' });
    t.equal(await closeOf(silent.socket), closeCodes.ackOverdue);
    t.equal(silent.seen.length, 1);
    await until(() => preview().viewers === 0, 'all have left');
  });

  t.test('a reader of 50 kB/s gets no frame older than 1.5 s', async (t) => {
    const reader = new SlowReader(client.port, '/api/v1/preview?ack=1', 50_000);
    t.teardown(() => reader.close());
    await until(() => reader.agesMs.length >= 25, '25 frames came', 40_000);
    const oldest = Math.max(...reader.agesMs);
    t.ok(oldest < 1500, `the oldest was ${Math.round(oldest)} ms`);
  });

  t.test('many viewers and stalled JPEGs cost no recorded frame', async (t) => {
    const viewers = Array.from({ length: 20 }, () => watch('ack=1'));
    await until(() => viewers.every(({ seen }) => seen.length > 0), 'all have pictures');
    t.equal((await client.send('POST', '/api/v1/recording')).status, 201);
    server.session().inject({ kind: 'stall-preview', milliseconds: 2000 });
    const { written } = monitor.status().frames;
    await until(() => monitor.status().frames.written > written + 90, '90 frames are written');
    const certificate = (await client.send('DELETE', '/api/v1/recording')).json();
    t.match(certificate, {
      verdict: 'complete',
      losses: { sensor: 0, source: 0, encoder: 0, writer: 0 },
    });
    const counts = viewers.map(({ seen }) => seen.length);
    await until(
      () => viewers.every(({ seen }, i) => seen.length > (counts[i] ?? 0)),
      'pictures go on',
    );
    for (const viewer of viewers) viewer.close();
  });

  t.test('snapshot and MJPEG', async (t) => {
    const snapshots = await Promise.all(
      ['', '?width=320', '?width=320&t=1234', '?width=64'].map((query) =>
        client.get(`/snapshot.jpg${query}`),
      ),
    );
    for (const { status, headers, bytes } of snapshots) {
      t.equal(status, 200);
      t.equal(headers['content-type'], 'image/jpeg');
      t.equal(bytes.readUInt16BE(0), 0xffd8);
      t.equal(bytes.readUInt16BE(bytes.length - 2), 0xffd9);
    }
    const abort = new AbortController();
    const stream = await fetch(`http://${client.host}/stream.mjpg?fps=10`, {
      signal: abort.signal,
    });
    t.equal(stream.headers.get('content-type'), 'multipart/x-mixed-replace; boundary=frame');
    t.equal(preview().viewers, 1);
    let text = '';
    for await (const chunk of stream.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString('latin1');
      if (text.split('--frame').length > 5) break;
    }
    abort.abort();
    const stamps = [...text.matchAll(/X-Sensor-Ns: (\d+)/g)].map((match) => Number(match[1]));
    t.ok(
      stamps.every((ns, i) => i === 0 || ns > (stamps[i - 1] ?? 0)),
      'advancing',
    );
    await until(() => preview().viewers === 0, 'it has left');
    t.equal((await client.send('HEAD', '/stream.mjpg')).status, 200);
    t.equal(preview().viewers, 0);
  });
});

t.test('events', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  interface Message {
    id: number;
    type: string;
    data: Record<string, unknown>;
  }
  const listen = (since?: number) => {
    const socket = client.socket(`/api/v1/events${since === undefined ? '' : `?since=${since}`}`);
    const messages: Message[] = [];
    socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
    return { messages, opened: once(socket, 'open'), close: () => socket.close() };
  };
  const before = monitor.status().lastEventId;
  const live = listen();
  await live.opened;
  monitor.events.add('error', { code: 'internal' });
  await until(() => live.messages.some(({ type }) => type === 'error'), 'the event came');

  t.equal((await client.send('POST', '/api/v1/recording', { body: { name: 'told' } })).status, 201);
  t.equal((await client.send('DELETE', '/api/v1/recording')).status, 200);
  const ended = (messages: Message[]): boolean =>
    messages.some(({ data }) => data['action'] === 'ended');
  await until(() => ended(live.messages), 'its end came');
  live.close();
  t.ok(live.messages.some(({ data }) => data['action'] === 'started' && data['name'] === 'told'));

  const replay = listen(before);
  await until(() => ended(replay.messages), 'the replay came');
  replay.close();
  t.strictSame(
    replay.messages.map(({ id }) => id),
    replay.messages.map((_, i) => before + 1 + i),
    'each once, in order',
  );

  const stranger = listen(17);
  await until(() => ended(stranger.messages), 'the replay came');
  stranger.close();
  t.equal(stranger.messages[0]?.type, 'gap', 'what is forgotten is said');

  for (let i = 0; i < 1200; i++) monitor.events.add('viewer', { i });
  const late = listen(before);
  await until(() => late.messages.length > 1000, 'the replay came');
  late.close();
  t.match(late.messages[0], { type: 'gap', data: { since: before } });
  t.equal(late.messages.at(-1)?.id, monitor.events.lastId);
});
