import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { closeCodes } from '../src/http/live/acknowledgement.js';
import { Probe } from '../src/http/live/probe.js';
import { ClassChoice } from '../src/http/live/video-class.js';
import { VideoHub } from '../src/http/live/video-hub.js';
import { VideoSocketViewer } from '../src/http/live/video-socket-viewer.js';
import type { WebSocket } from '../src/http/uws.js';
import { VideoFlow } from '../src/http/live/video-flow.js';
import type { VideoClass } from '../src/native.js';
import type { Status } from '../src/monitor/status.js';
import { closeOf, HttpClient } from './support/http-client.js';
import { startServer, type TestServer } from './support/server.js';
import { ThinLink } from './support/thin-link.js';
import { until } from './support/until.js';
import { videoStamps } from './support/video-stamps.js';
import { VideoViewer } from './support/video-viewer.js';

const width = 320;

interface Watched extends TestServer {
  watch: (query?: string, options?: { acknowledges: boolean }) => VideoViewer;
  preview: () => Status['preview'];
  encodes: () => boolean;
}

async function startWatched(t: Test, settings = {}): Promise<Watched> {
  const server = await startServer(settings);
  t.teardown(() => server.close());
  const { client, monitor } = server;
  return {
    ...server,
    watch: (query = 'ack=1', options) =>
      new VideoViewer(client.socket(`/api/v1/preview?codec=h264&${query}`), options),
    preview: () => monitor.status().preview,
    encodes: () => monitor.status().encoder.active !== null,
  };
}

const more = async (viewer: VideoViewer, frames: number): Promise<void> => {
  const wanted = viewer.frames.length + frames;
  await until(() => viewer.frames.length >= wanted, `${frames} more frames come`);
};

/** It began in the small size, and has come to the camera's. */
const inFull = async (viewer: VideoViewer): Promise<VideoViewer> => {
  await until(() => viewer.beginnings === 2 && viewer.newest.length > 0, 'it gets the full size');
  return viewer;
};

/** What the viewer got decodes, to just the frames that it was told it got. */
async function decodes(t: Test, server: TestServer, viewer: VideoViewer): Promise<void> {
  const path = join(server.folder, 'watched.mp4');
  const messages = [...viewer.messages]; // while more come
  const starts = messages.flatMap(({ type }, i) => (type === 'init' ? [i] : []));
  for (const [i, start] of starts.entries()) {
    const [init, ...told] = messages.slice(start, starts[i + 1]);
    if (init === undefined || told.length === 0) continue;
    await writeFile(path, Buffer.concat([init, ...told].map(({ payload }) => payload)));
    t.strictSame(
      (await videoStamps(path, width)).map((stamp) => stamp?.sequence),
      told.map(({ sequence }) => sequence % 65_536),
    );
  }
}

t.test('H.264 over a WebSocket', async (t) => {
  const server = await startWatched(t);
  const { client, watch, preview, encodes } = server;

  t.test('an init, then frames from a keyframe on; made while somebody watches', async (t) => {
    t.equal(encodes(), false, 'nobody watches');
    const viewer = await inFull(watch());
    await more(viewer, 40);
    t.equal(encodes(), true);
    t.match(preview(), { viewers: 1, encoded: 0, video: { viewers: 1, frames: Number } });
    viewer.close();
    await until(() => preview().viewers === 0, 'it has left');
    await until(() => !encodes(), 'nothing is encoded any more');
    const { messages, frames } = viewer;
    t.equal(messages[0]?.type, 'init');
    t.equal(viewer.beginnings, 2, 'small, and then in the camera’s size');
    t.equal(frames[0]?.key, true);
    t.equal(viewer.newest[0]?.key, true);
    t.ok(viewer.newest.filter(({ key }) => key).length >= 2, 'a keyframe a second');
    await decodes(t, server, viewer);
  });

  t.test('who comes later begins with a keyframe made for him', async (t) => {
    await client.send('PATCH', '/api/v1/config', { body: { encoder: { gop: 10 } } });
    const first = await inFull(watch());
    const late = await inFull(watch());
    await more(late, 5);
    t.equal(late.messages[0]?.type, 'init');
    t.equal(late.frames[0]?.key, true);
    t.equal(late.newest[0]?.key, true);
    const made = first.frames.find(({ sequence }) => sequence === late.newest[0]?.sequence);
    t.equal(made?.key, true, 'everyone gets the same frames');
    await decodes(t, server, late);
    first.close();
    late.close();
    await client.send('PATCH', '/api/v1/config', { body: { encoder: { gop: 1 } } });
  });

  t.test('one who is late goes on with a keyframe; others notice nothing', async (t) => {
    const other = await inFull(watch());
    const slow = await inFull(watch());
    await more(slow, 20);
    slow.holdsBack = true;
    const { skipped } = preview().video;
    await until(() => preview().video.skipped > skipped + 20, 'frames are skipped');
    const before = slow.frames.length;
    const whileHeld = other.frames.length;
    await more(other, 10);
    t.equal(slow.frames.length, before, 'nothing more is sent to it');
    slow.release();
    await more(slow, 10);
    t.equal(slow.frames[before]?.key, true);
    t.ok((slow.frames[before]?.sequence ?? 0) - (slow.frames[before - 1]?.sequence ?? 0) > 20);
    await decodes(t, server, slow);
    t.ok(other.frames.length > whileHeld + 10);
    await decodes(t, server, other);
    slow.close();
    other.close();
  });

  t.test('recordings begin and end beside it', async (t) => {
    const viewer = await inFull(watch());
    for (const name of ['one', 'two']) {
      t.equal((await client.send('POST', '/api/v1/recording', { body: { name } })).status, 201);
      const guest = watch();
      await more(guest, 20);
      const certificate = (await client.send('DELETE', '/api/v1/recording')).json();
      guest.close();
      const { written, captured } = certificate['frames'] as Record<string, number>;
      const { encoder = NaN, writer = NaN } = certificate['losses'] as Record<string, number>;
      t.equal(captured, (written ?? NaN) + encoder + writer);
      const path = join(server.monitor.recordings.folder, name, `${name}_0000.mp4`);
      const recorded = (await videoStamps(path, width)).map((stamp) => stamp?.sequence ?? NaN);
      t.equal(recorded.length, written);
      await more(viewer, 5);
      const seen = new Set(viewer.frames.map(({ sequence }) => sequence % 65_536));
      t.ok(
        recorded.every((sequence) => seen.has(sequence)),
        'the same frames, by one encoder',
      );
    }
    t.equal(viewer.beginnings, 2, 'which went on');
    await decodes(t, server, viewer);
    viewer.close();
    await until(() => !encodes(), 'nothing is encoded any more');
  });

  t.test('without acknowledgements; and what closes it', async (t) => {
    const trusting = watch('', { acknowledges: false });
    await more(trusting, 10);
    await decodes(t, server, trusting);
    const said = closeOf(trusting.socket);
    trusting.socket.send(Buffer.alloc(4));
    t.equal(await said, closeCodes.malformed);

    const liar = watch('ack=1', { acknowledges: false });
    await more(liar, 1);
    const lied = closeOf(liar.socket);
    liar.socket.send(Buffer.from([1, 2, 3, 4]));
    t.equal(await lied, closeCodes.ackNotSent);

    const silent = watch('ack=1', { acknowledges: false });
    t.equal(await closeOf(silent.socket), closeCodes.ackOverdue);
    t.ok(silent.frames.length <= 4, 'little is sent on trust');
  });

  t.test('the camera is opened anew under who watches', async (t) => {
    const viewer = await inFull(watch());
    const body = { camera: { width: 480, height: 270 } };
    t.equal((await client.send('PATCH', '/api/v1/config', { body })).status, 200);
    await until(() => viewer.width === 480 && viewer.newest.length >= 5, 'another video begins');
    t.equal(viewer.newest[0]?.key, true);
    await client.send('PATCH', '/api/v1/config', { body: { camera: { width, height: 180 } } });
    viewer.close();
  });

  t.test('/stream.mp4', async (t) => {
    t.equal((await client.send('HEAD', '/stream.mp4')).headers['content-type'], 'video/mp4');
    t.equal(preview().viewers, 0);
    const abort = new AbortController();
    const stream = await fetch(`http://${client.host}/stream.mp4`, { signal: abort.signal });
    t.equal(stream.headers.get('content-type'), 'video/mp4');
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream.body ?? []) {
      chunks.push(chunk as Uint8Array);
      if (chunks.length > 30) break;
    }
    abort.abort();
    const path = join(server.folder, 'stream.mp4');
    await writeFile(path, Buffer.concat(chunks));
    const stamps = await videoStamps(path, width).catch(() => []);
    t.ok(stamps.length > 15, 'what came until it was cut off decodes');
    t.ok(stamps.every((stamp, i) => stamp?.sequence === (stamps[0]?.sequence ?? 0) + i));
    await until(() => preview().viewers === 0, 'it has left');
    await until(() => !encodes(), 'nothing is encoded any more');
  });
});

t.test('without an encoder it is refused, with the reason', async (t) => {
  const server = await startWatched(t, { encoder: { kind: 'v4l2' } });
  t.equal(await closeOf(server.watch().socket), closeCodes.noEncoder);
  const answer = await server.client.get('/stream.mp4');
  t.equal(answer.status, 409);
  t.match(answer.json(), { code: 'encoder-unavailable' });
  t.equal(server.preview().viewers, 0);
});

t.test('one whose link is too thin moves to a smaller video, and back', async (t) => {
  const server = await startWatched(t, { camera: { width: 640, height: 360 } });
  const { client, watch, preview } = server;
  const thin = await inFull(watch());
  const other = await inFull(watch());
  t.equal(thin.width, 640);
  t.equal((await client.send('POST', '/api/v1/recording')).status, 201);

  thin.bytesPerSecond = 30_000;
  await until(() => thin.width === 320, 'it is moved down', 20_000);
  await more(thin, 20);
  t.equal(thin.newest[0]?.key, true);
  t.ok(preview().video.smallFrames > 0);

  thin.bytesPerSecond = Infinity;
  await until(() => thin.width === 640, 'it is moved up', 40_000);
  await more(thin, 10);
  const { smallFrames } = preview().video;
  await more(thin, 15);
  t.equal(preview().video.smallFrames, smallFrames, 'nobody needs it any more');
  const times = thin.frames.map(({ sensorNs }) => sensorNs);
  t.ok(
    times.every((ns, i) => i === 0 || ns > (times[i - 1] ?? 0)),
    'time goes only forward',
  );

  const { frames, losses } = (await client.send('DELETE', '/api/v1/recording')).json() as {
    frames: Record<string, number>;
    losses: Record<string, number>;
  };
  t.equal(
    frames['captured'],
    (frames['written'] ?? NaN) + (losses['encoder'] ?? NaN) + (losses['writer'] ?? NaN),
  );
  t.equal(other.beginnings, 2, 'others notice nothing');
  thin.close();
  other.close();
  await until(() => !server.encodes(), 'nothing is encoded any more');
});

t.test('without a smaller video it begins with the camera’s', (t) => {
  /** A viewer, and the hub that it watches, where the small class does not start, or gives nothing. */
  const watched = (small: () => Promise<void>): { hub: VideoHub; viewer: VideoSocketViewer } => {
    const hub: VideoHub = new VideoHub({
      setOn: (videoClass) => (videoClass === 'small' ? small() : Promise.resolve()),
      requestKeyframe: () => undefined,
    });
    const socket = { send: (message: Uint8Array) => sent.push(message), end: () => undefined };
    const viewer = new VideoSocketViewer(socket as unknown as WebSocket<unknown>, hub, true);
    t.teardown(() => hub.remove(viewer));
    hub.add(viewer);
    return { hub, viewer };
  };
  const sent: Uint8Array[] = [];
  const message = (type: number, sequence: number): Buffer => {
    const bytes = Buffer.alloc(24 + 100_000);
    bytes.set([type, 1, 24, 0, sequence]);
    bytes.writeBigUInt64LE(BigInt(sequence), 8);
    return bytes;
  };

  t.test('where its encoder does not start', async (t) => {
    const { hub, viewer } = watched(() => Promise.reject(new Error('none')));
    t.strictSame(viewer.classes, ['small']);
    await until(() => viewer.classes[0] === 'full', 'the other is watched');
    for (const [type, sequence] of [
      [2, 0],
      [3, 1],
    ] as const)
      hub.onVideo('full', message(type, sequence));
    t.equal(sent.length, 2, 'it comes, whatever the link is');
  });

  t.test('where it gives nothing', (t) => {
    const { hub, viewer } = watched(() => Promise.resolve());
    viewer.check(performance.now() + 1000);
    t.strictSame(viewer.classes, ['small']);
    viewer.check(performance.now() + 3000);
    t.strictSame(viewer.classes, ['small', 'full']);
    sent.length = 0;
    hub.onVideo('full', message(2, 0));
    hub.onVideo('full', message(3, 1));
    t.equal(sent.length, 2);
    t.end();
  });
  t.end();
});

t.test('a link too thin for the smallest video ends it', async (t) => {
  const { client, preview } = await startWatched(t, { camera: { width: 640, height: 360 } });
  const link = await ThinLink.to(client.port);
  t.teardown(() => link.close());
  link.bytesPerSecond = 50_000 / 8;
  const viewer = new VideoViewer(
    new HttpClient(link.port).socket('/api/v1/preview?codec=h264&ack=1'),
  );
  t.equal(await closeOf(viewer.socket), closeCodes.tooSlow);
  t.ok(viewer.frames.length > 0);
  t.equal(viewer.width, 320, 'the full size was never sent');
  t.equal(viewer.beginnings, 1);
  await until(() => preview().viewers === 0, 'it has left');
});

t.test('the class of a viewer', (t) => {
  const choice = new ClassChoice();
  let now = 0;
  /** Notes a frame every 100 ms; of each second `leftOut` tenths are left out. */
  const run = (seconds: number, leftOut: number): void => {
    for (let i = 0; i < seconds * 10; i++, now += 100) choice.note(i % 10 >= leftOut, now);
  };
  /** In s, up to 400; the tens. */
  const until = (wanted: VideoClass, leftOut: number): number => {
    const from = now;
    while (choice.wanted !== wanted && now - from < 400_000) run(1, leftOut);
    return Math.floor((now - from) / 10_000) * 10;
  };
  t.equal(choice.wanted, 'small', 'it begins small');
  t.equal(until('full', 0), 0, 'and has the full size tried at once');
  const waits = Array.from({ length: 4 }, () => {
    choice.refuseFull(now);
    const from = now;
    while (choice.wanted === 'small') run(0.1, 0);
    return Math.round((now - from) / 1000);
  });
  t.strictSame(waits, [1, 2, 4, 8], 'where that is too large, again after a wait that doubles');
  run(80, 0);
  run(2.5, 10);
  run(20, 0);
  t.equal(choice.wanted, 'full', 'a stall is ridden out');
  t.equal(until('small', 2), 0, 'trouble in each second is not');
  t.equal(until('full', 0), 10);
  t.equal(until('small', 5), 0);
  t.equal(until('full', 0), 20, 'after a trial that failed it waits longer');
  t.equal(until('small', 5), 0);
  t.equal(until('full', 0), 40);
  run(70, 0);
  t.equal(until('small', 5), 0);
  t.equal(until('full', 0), 10, 'one that went well makes it forget');
  until('small', 5);
  run(9, 1);
  t.equal(choice.hopeless, false);
  run(3, 1);
  t.equal(choice.hopeless, true);
  t.equal(choice.wanted, 'small');
  t.end();
});

t.test('how much may be on its way', (t) => {
  const flow = new VideoFlow();
  const frame = 20_000;
  let sequence = 0;
  /** Sends frames of 33 ms for a second; acknowledgements come after `rttMs`, if ever. */
  const run = (fromMs: number, rttMs: number): number => {
    let sent = 0;
    const owed: { sequence: number; atMs: number }[] = [];
    for (let now = fromMs; now < fromMs + 1000; now += 33) {
      while (owed[0] !== undefined && owed[0].atMs <= now) {
        t.ok(flow.acked(owed.shift()?.sequence ?? NaN, now));
      }
      if (!flow.canSend(frame, now)) continue;
      flow.sent({ sequence: ++sequence, key: false, bytes: frame }, now);
      owed.push({ sequence, atMs: now + rttMs });
      sent++;
    }
    for (const { sequence: left, atMs } of owed) if (Number.isFinite(atMs)) flow.acked(left, atMs);
    return sent;
  };
  t.equal(run(0, Infinity), 4, 'of an unknown link little is asked');
  t.equal(flow.overdue(4000), false);
  t.equal(flow.overdue(5100), true);
  t.ok(flow.acked(4, 5200));
  t.ok(flow.acked(4, 5201), 'said twice');
  t.notOk(flow.acked(99, 5202), 'never sent');
  t.ok(run(20_000, 20) > 20, 'a near link takes all that comes');
  t.equal(run(22_000, 20), 31);
  t.ok(run(24_000, 200) > 25, 'one that has become longer still does');
  t.ok(run(60_000, 200) > 25);
  t.ok(run(80_000, 2000) < 20, 'one that stalls does not');
  t.end();
});

t.test('a stall is told from a long way', (t) => {
  const flow = new VideoFlow();
  flow.sent({ sequence: 1, key: true, bytes: 10_000 }, 0);
  t.equal(flow.stalls(4000), false, 'of an unknown link it cannot be');
  flow.acked(1, 400);
  t.equal(flow.stalls(4000), false, 'nothing is on its way');
  flow.sent({ sequence: 2, key: false, bytes: 3000 }, 5000);
  t.equal(flow.stalls(5800), false);
  t.equal(flow.stalls(6000), true);
  flow.acked(2, 6100);
  t.equal(flow.stalls(6100), false);
  t.end();
});

/** Has small video acknowledged for `seconds` over a link; the largest frame that this link carries. */
function carried(bytesPerMs: number, delayMs: number, seconds: number): number {
  const flow = new VideoFlow();
  let now = 0;
  for (let sequence = 0; now <= seconds * 1000; sequence++, now += 67) {
    const key = sequence % 15 === 0;
    const bytes = key ? 10_000 : 3000;
    flow.sent({ sequence, key, bytes }, now);
    flow.acked(sequence, now + delayMs + bytes / bytesPerMs);
  }
  return flow.mostBytes(now);
}

t.test('how large a frame a link carries', (t) => {
  const inTime = 125 * 400; // 1 Mb/s, when 200 ms of the 600 are distance
  t.ok(carried(125, 200, 0) < inTime, 'of a long way little is known at first');
  t.ok(carried(125, 200, 20) < 1.5 * inTime, 'a thin link is known');
  t.ok(carried(125, 200, 20) > 0.5 * inTime);
  t.ok(carried(2500, 200, 20) > 300_000, 'and a wide one');
  t.ok(carried(12_500, 700, 20) > 300_000, 'however far away');
  t.ok(carried(12_500, 5, 0) > 300_000, 'near by with the first acknowledgement');
  t.equal(new VideoFlow().mostBytes(0), 0);
  t.end();
});

t.test('a small keyframe probes the link', (t) => {
  const flow = new VideoFlow();
  flow.sent({ sequence: 1, key: true, bytes: 10_000 }, 0);
  flow.acked(1, 100);
  const most = flow.mostBytes(100);
  const probe = new Probe(flow);
  const message = Buffer.alloc(5000, 7);
  t.equal(probe.load(message, 200), message, 'nothing is asked');
  t.ok(probe.puts(100_000, 200));
  const loaded = Buffer.from(probe.load(message, 300));
  t.ok(loaded.length > 10_000 && loaded.length < most, 'no larger than what surely gets through');
  t.ok(loaded.subarray(0, 5000).equals(message));
  t.equal(loaded.readUInt32BE(5000), loaded.length - 5000, 'and behind it a box');
  t.equal(loaded.toString('latin1', 5004, 5008), 'free');
  t.equal(probe.load(message, 1300), message, 'once');
  t.ok(probe.puts(100_000, 2600));
  t.notOk(probe.puts(100_000, 2800), 'the answer is there');
  t.ok(probe.puts(100_000, 9000), 'another time, another probe');
  t.end();
});

/** The ages in ms at which frames of 30 fps arrive over a link, in a minute of simulated time. */
function agesOver(bytesPerSecond: number, delayMs: number, keyBytes: number, bytes: number) {
  const flow = new VideoFlow();
  const ages: number[] = [];
  const onWay: { sequence: number; madeMs: number; arriveMs: number }[] = [];
  let inStep = false;
  let lineFreeMs = 0;
  for (let nowMs = 0, sequence = 0; nowMs < 60_000; nowMs++) {
    while (onWay[0] !== undefined && onWay[0].arriveMs + delayMs <= nowMs) {
      const { sequence: arrived, madeMs, arriveMs } = onWay.shift() as (typeof onWay)[number];
      ages.push(arriveMs - madeMs);
      flow.acked(arrived, nowMs);
    }
    if (nowMs < (sequence * 1000) / 30) continue;
    const key = sequence++ % 30 === 0;
    const size = key ? keyBytes : bytes;
    inStep = flow.canSend(size, nowMs) && (key || inStep);
    if (!inStep) continue;
    flow.sent({ sequence, key, bytes: size }, nowMs);
    lineFreeMs = Math.max(lineFreeMs, nowMs) + (size / bytesPerSecond) * 1000;
    onWay.push({ sequence, madeMs: nowMs, arriveMs: lineFreeMs + delayMs });
  }
  return ages;
}

t.test('a large frame’s way over a thin link makes no room for older ones', async (t) => {
  for (const [keyBytes, bytes] of [
    [90_000, 6000],
    [60_000, 6000],
    [30_000, 3000],
  ] as const) {
    const ages = agesOver(125_000, 100, keyBytes, bytes);
    const oldest = Math.round(Math.max(...ages));
    t.ok(oldest <= 1000, `keyframes of ${keyBytes} bytes: the oldest was ${oldest} ms`);
    t.ok(ages.length >= 40, `${ages.length} came`);
  }
  for (const delayMs of [1, 100, 300]) {
    t.ok(agesOver(10e6, delayMs, 60_000, 6000).length > 1600, 'a wide one takes nearly all');
  }
});
