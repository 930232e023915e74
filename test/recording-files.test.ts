// The addon's recordings as files: segments, logs, times and hashes, as other programs see them.
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  loadAddon,
  type ContainerKind,
  type NativeEvent,
  type RecordingRequest,
  type RecordingSummary,
  type Session,
} from '../src/native.js';
import { ffprobe, mkvmerge, opencv } from './support/outside-readers.js';
import { until } from './support/until.js';
import { videoStamps } from './support/video-stamps.js';

const addon = loadAddon();
const encoder = {
  kind: 'software',
  bitrate: 0,
  preset: 'ultrafast',
  quality: 23,
  threads: 1,
  gopMs: 500,
} as const;

interface Row {
  frame: number;
  sensorUs: number;
  pts: string;
  bytes: number;
  lostBefore: number;
}

async function readLog(path: string): Promise<Row[]> {
  const [header, ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const columns = header?.split(',') ?? [];
  return lines.map((line) => {
    const cells = line.split(',');
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    return {
      frame: Number(cell('frame')),
      sensorUs: Math.floor(Number(cell('sensor_ns')) / 1000),
      pts: cell('pts'),
      bytes: Number(cell('bytes')),
      lostBefore: Number(cell('lost_before')),
    };
  });
}

/** The synthetic camera at 320×180 and 60 frames a second, and what it tells. */
async function openCamera(test: Test): Promise<Camera> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-files-'));
  const events: NativeEvent[] = [];
  const session = new addon.Session({
    onPreview: () => undefined,
    onEvent: (event) => events.push(event),
  });
  test.teardown(async () => {
    await session.close();
    await rm(folder, { recursive: true });
  });
  await session.start({
    id: 'synthetic',
    width: 320,
    height: 180,
    fps: 60,
    previewWidth: 320,
    previewHeight: 180,
  });
  const request = (container: ContainerKind, more: Partial<RecordingRequest> = {}) => ({
    ...{ folder, name: 'a', container, numbered: true, segmentMs: 0, segmentBytes: 0 },
    ...{ maxDurationMs: 0, encoder },
    ...more,
  });
  const frames = (count: number) =>
    until(() => (session.status().recording?.written ?? 0) >= count, `${count} frames`);
  return { folder, events, session, request, frames };
}

interface Camera {
  folder: string;
  events: NativeEvent[];
  session: Session;
  request: (container: ContainerKind, more?: Partial<RecordingRequest>) => RecordingRequest;
  frames: (count: number) => Promise<unknown>;
}

function checkAccount(test: Test, { captured, written, losses }: RecordingSummary): void {
  test.equal(captured, written + losses.encoder + losses.writer, 'captured = written + losses');
}

for (const container of ['mp4', 'mkv', 'h264'] as const) {
  t.test(`${container}: segments, frame by frame`, async (t) => {
    const { folder, events, session, request, frames } = await openCamera(t);
    await session.startRecording(request(container, { segmentMs: 1000 }));
    await frames(80);
    await session.splitRecording();
    await frames(150);
    const summary = await session.stopRecording('requested');
    checkAccount(t, summary);
    t.ok(summary.files.length >= 3, 'several segments');
    let expected = 0;
    let lastUs = 0;
    for (const file of summary.files) {
      t.match(file, { closed: true, firstFrame: expected });
      const video = join(folder, file.video);
      const rows = await readLog(join(folder, file.log));
      t.equal(rows.length, file.frames);
      const shown = await videoStamps(video, 320);
      t.strictSame(
        shown.map((stamp) => stamp?.sensorUs),
        rows.map(({ sensorUs }) => sensorUs),
        'log and pictures agree',
      );
      for (const row of rows) {
        if (row.frame !== expected++ || row.sensorUs <= lastUs) t.fail('a frame out of order', row);
        lastUs = row.sensorUs;
      }
      if (container === 'h264') continue;
      t.match(await mkvmerge(video), { container: container === 'mp4' ? /MP4/ : 'Matroska' });
      const { frames: indexed, seconds } = await ffprobe(video);
      if (container === 'mp4') t.equal(indexed, rows.length, 'nb_frames');
      const spanUs = (rows.at(-1)?.sensorUs ?? 0) - (rows[0]?.sensorUs ?? 0);
      t.ok(Math.abs(seconds - spanUs / 1e6 - 1 / 60) < 0.004, 'the duration');
      const wanted = Array.from({ length: 20 }, (_, i) => (i * 37) % rows.length);
      const seen = await opencv(video, wanted);
      // OpenCV jumps by time at the mean rate, and so beside the mark by the frames that are missing.
      const missing = rows.slice(1).reduce((sum, { lostBefore }) => sum + lostBefore, 0);
      const excess = seen.frames - rows.length;
      t.ok(excess >= 0 && excess <= (container === 'mp4' ? 0 : missing), "OpenCV's count");
      const beside = wanted.map((i, n) => {
        return Math.abs(rows.findIndex(({ sensorUs }) => sensorUs === seen.seeks[n]) - i);
      });
      t.notOk(
        seen.seeks.some((us) => !rows.some(({ sensorUs }) => sensorUs === us)),
        'all known',
      );
      t.ok(Math.max(...beside) <= missing, `OpenCV's seeks, ${missing} frames missing`);
    }
    t.equal(expected, summary.written);

    const hashes = () => events.filter((event) => event.type === 'file-hashed');
    await until(() => hashes().length === 2 * summary.files.length, 'all are hashed');
    for (const { recording, file, sha256, bytes } of hashes()) {
      t.equal(recording, 'a');
      const content = await readFile(join(folder, file));
      t.equal(content.length, bytes);
      t.equal(createHash('sha256').update(content).digest('hex'), sha256);
      t.strictSame(await addon.hashFile(join(folder, file)), { bytes, sha256 });
    }
    const kinds = events.map(({ type }) => type).filter((type) => type.startsWith('segment'));
    t.equal(kinds.length, 2 * summary.files.length, 'opened and closed');

    const survey = await addon.surveyLogs(summary.files.map(({ log }) => join(folder, log)));
    t.match(survey, {
      frames: summary.written,
      intervals: summary.intervals,
      firstSensorNs: summary.firstSensorNs,
      lastWallUs: summary.lastWallUs,
    });
  });
}

t.test('a running recording, copied, is repaired to what it was', async (t) => {
  const { folder, session, request, frames } = await openCamera(t);
  await session.startRecording(request('mp4', { numbered: false }));
  await frames(100);
  // As a power cut may leave it: the log is older than the video.
  await copyFile(join(folder, 'a.frames.csv'), join(folder, 'b.frames.csv'));
  await copyFile(join(folder, 'a.mp4'), join(folder, 'b.mp4'));
  await session.stopRecording('requested');
  t.ok((await videoStamps(join(folder, 'b.mp4'), 320)).length >= 60, 'it plays as it is');
  const repaired = await addon.repairSegment(join(folder, 'b.mp4'), 0);
  t.match(repaired, { video: 'b.mp4', log: 'b.frames.csv', wasClosed: false, firstFrame: 0 });
  t.equal((await ffprobe(join(folder, 'b.mp4'))).frames, repaired.frames);
  const rows = await readLog(join(folder, 'b.frames.csv'));
  t.strictSame(
    (await videoStamps(join(folder, 'b.mp4'), 320)).map((stamp) => stamp?.sensorUs),
    rows.map(({ sensorUs }) => sensorUs),
  );
  t.match(await addon.repairSegment(join(folder, 'b.mp4'), 0), {
    wasClosed: true,
    frames: repaired.frames,
  });
  await t.rejects(addon.repairSegment(join(folder, 'none.mp4'), 0), { code: 'disk-gone' });
});

t.test('a pre-roll is written first, and is not counted by the duration', async (t) => {
  const { folder, events, session, request } = await openCamera(t);
  await session.setPreRoll(1000, encoder);
  await until(() => session.status().frames.captured >= 120, '2 s have passed');
  const askedNs = Number(process.hrtime.bigint());
  const { firstSensorNs } = await session.startRecording(request('mp4', { maxDurationMs: 500 }));
  const beforeMs = (askedNs - firstSensorNs) / 1e6;
  t.ok(beforeMs > 900 && beforeMs < 2000, `it begins ${beforeMs.toFixed(0)} ms before`);
  const { summary } = await until(
    () => events.find((event) => event.type === 'recording-ended'),
    'the duration is over',
  );
  t.equal(summary.reason, 'duration');
  t.ok(summary.lastSensorNs - askedNs > 0.4e9, 'the duration follows the request');
  const stamps = await videoStamps(join(folder, 'a_0000.mp4'), 320);
  const first = stamps[0]?.sequence ?? 0;
  t.equal(stamps.length, summary.written);
  t.ok(
    stamps.every((stamp, i) => stamp?.sequence === first + i) || summary.losses.encoder !== 0,
    'none missing where kept and new frames join',
  );
  t.ok(session.status().encoder.active, 'the encoder runs on for the next one');
  await session.setPreRoll(0, encoder);
  t.notOk(session.status().encoder.active, 'and stops when nobody wants it');
});

t.test('armed, its instant can be moved until it has come', async (t) => {
  const { events, session, request, frames } = await openCamera(t);
  const captured = () => session.status().frames.captured;
  const rare = request('mp4', { encoder: { ...encoder, gopMs: 20_000 } });
  await session.armRecording(rare, Number(process.hrtime.bigint()) + 0.3e9);
  await session.moveStart(Number(process.hrtime.bigint()) + 3600e9);
  const before = captured();
  await until(() => captured() > before + 60, 'the first instant has passed');
  t.match(session.status().recording, { written: 0 });
  const startAtNs = Number(process.hrtime.bigint());
  await session.moveStart(startAtNs);
  await frames(10);
  await session.moveStart(startAtNs + 3600e9); // too late
  const summary = await session.stopRecording('requested');
  checkAccount(t, summary);
  const begun = events.find((event) => event.type === 'recording-started');
  const { firstSensorNs } = begun ?? { firstSensorNs: 0 };
  t.ok(firstSensorNs >= startAtNs, 'with a frame from the new instant on');
  t.ok(firstSensorNs - startAtNs < 10e9, 'and a keyframe that was asked for');
  await t.rejects(session.moveStart(1), { code: 'not-recording' });
});

t.test('armed, it begins with the frame of the instant', async (t) => {
  const { events, session, request, frames } = await openCamera(t);
  const startAtNs = Number(process.hrtime.bigint()) + 1.2e9;
  await session.armRecording(request('mp4'), startAtNs);
  t.match(session.status().recording, { written: 0 });
  t.notOk(events.some((event) => event.type === 'recording-started'));
  await frames(20);
  const summary = await session.stopRecording('requested');
  checkAccount(t, summary);
  const lateFrames = ((summary.firstSensorNs - startAtNs) / 1e9) * 60;
  t.ok(lateFrames >= 0 && lateFrames <= 4, `${lateFrames.toFixed(1)} frames late`);
  t.match(
    events.find((event) => event.type === 'recording-started'),
    { recording: 'a', firstSensorNs: summary.firstSensorNs },
  );

  await session.armRecording(request('mp4', { name: 'b' }), startAtNs + 3600e9);
  const none = await session.stopRecording('requested');
  t.match(none, { written: 0, files: [] });
});
