import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Losses } from '../../src/native.js';
import { type Floor, measureFloor, middleOf } from './floor.js';
import { ServerProcess } from './server-process.js';
import { percentile, table } from './stats.js';
import type { Seen } from './viewers.js';

const camera = { width: 1280, height: 720, fps: 30 };
const preview = { width: 640, quality: 75 };
interface Load {
  viewers: number;
  /** Of H.264 it is the camera's. */
  fps: number;
  codec: 'jpeg' | 'h264';
}

/** A hundred viewers share one network: they ask for half the pictures. */
const loads: readonly Load[] = [
  { viewers: 0, fps: 30, codec: 'jpeg' },
  { viewers: 1, fps: 30, codec: 'jpeg' },
  { viewers: 10, fps: 30, codec: 'jpeg' },
  { viewers: 100, fps: 15, codec: 'jpeg' },
  { viewers: 1, fps: 30, codec: 'h264' },
  { viewers: 10, fps: 30, codec: 'h264' },
];

interface Result extends Load {
  frames: number;
  cpuMsPerFrame: number;
  /** CPU of one frame ÷ the floor's for what this load needs. */
  ratioToFloor: number;
  cpuMsPerFrameByThread: Record<string, number>;
  losses: Losses;
  latencyMs: { p50: number; p99: number } | null;
  picturesPerViewerSecond: number;
  loopDelayP99Ms: number;
  memoryPeakMb: number;
}

/** Records 1280×720 at 30 with 0 to 100 viewers of pictures and of H.264, beside the codecs alone. */
export async function benchViewers(options: { seconds: number }): Promise<object> {
  const floorSettings = {
    ...camera,
    frames: Math.min(options.seconds, 10) * camera.fps,
    previewWidth: preview.width,
    jpegQuality: preview.quality,
    threads: 1,
  };
  console.log(
    `Recording 1280×720 at 30 fps, superfast, crf 23, ${String(options.seconds)} s each:`,
  );
  const floors = [await measureFloor(floorSettings)];
  const measured: Omit<Result, 'ratioToFloor'>[] = [];
  const server = await ServerProcess.start(tmpdir());
  try {
    for (const load of loads) {
      await server.call('PATCH', '/config', { preview: { ...preview, fps: load.fps } });
      measured.push(await underLoad(server, load, options.seconds));
    }
  } finally {
    await server.stop();
  }
  floors.push(await measureFloor(floorSettings));
  const floor = middleOf(floors);
  const results = measured.map((result): Result => ({
    ...result,
    ratioToFloor: result.cpuMsPerFrame / floorFor(floor, result),
  }));
  print(floor, results);
  return { camera, preview, floor, results };
}

/** What the codecs alone need a recorded frame; video for viewers is the recording's own. */
function floorFor(floor: Floor, load: Load): number {
  const pictures = load.viewers === 0 || load.codec === 'h264' ? 0 : load.fps / camera.fps;
  return floor.h264MsPerFrame + pictures * floor.jpegMsPerFrame;
}

async function underLoad(
  server: ServerProcess,
  load: Load,
  seconds: number,
): Promise<Omit<Result, 'ratioToFloor'>> {
  const viewers = load.viewers === 0 ? null : await startViewers(server.base, load);
  await server.call('POST', '/recording', {});
  await sleep(2); // caches and windows settle
  if (viewers !== null) await ask(viewers);
  server.resetPeaks();
  const before = { cpu: server.cpu(), captured: (await server.status()).frames.captured };
  await sleep(seconds);
  const after = { cpu: server.cpu(), captured: (await server.status()).frames.captured };
  const seen = viewers === null ? null : await ask(viewers);
  const loopDelayP99Ms = await server.loopDelayP99Ms();
  const losses = await server.endRecording();
  viewers?.kill();

  const frames = after.captured - before.captured;
  const byThread: Record<string, number> = {};
  for (const [name, ms] of after.cpu) byThread[name] = (ms - (before.cpu.get(name) ?? 0)) / frames;
  // What stands for a sensor is not part of the cost.
  const { synthetic = 0, ...ours } = byThread;
  return {
    ...load,
    frames,
    cpuMsPerFrame: Object.values(ours).reduce((sum, ms) => sum + ms, 0),
    cpuMsPerFrameByThread: { ...ours, '(synthetic)': synthetic },
    losses,
    latencyMs:
      seen === null
        ? null
        : { p50: percentile(seen.latencyMs, 0.5), p99: percentile(seen.latencyMs, 0.99) },
    picturesPerViewerSecond: seen === null ? 0 : seen.pictures / load.viewers / seconds,
    loopDelayP99Ms,
    memoryPeakMb: server.memory().peakMb,
  };
}

async function startViewers(base: string, load: Load): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./viewers.js', import.meta.url));
  const child = fork(program, [base, String(load.viewers), String(load.fps), load.codec], {
    serialization: 'advanced',
  });
  await once(child, 'message'); // all have a picture
  return child;
}

async function ask(viewers: ChildProcess): Promise<Seen> {
  const answered = once(viewers, 'message');
  viewers.send('what have you seen?');
  const [seen] = (await answered) as [Seen];
  return seen;
}

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

function print(floor: Floor, results: readonly Result[]): void {
  const ms = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(2));
  console.log(
    `floor: libx264 ${ms(floor.h264MsPerFrame)} ms + TurboJPEG ${ms(floor.jpegMsPerFrame)} ms CPU a frame\n`,
  );
  console.log(
    table([
      [
        'viewers',
        'CPU ms/frame',
        '× floor',
        'lost se/so/en/wr',
        'p50 ms',
        'p99 ms',
        'fps seen',
        'loop p99 ms',
        'peak MB',
      ],
      ...results.map((result) => [
        `${result.viewers} at ${result.fps} fps${result.codec === 'h264' ? ', H.264' : ''}`,
        ms(result.cpuMsPerFrame),
        ms(result.ratioToFloor),
        [
          result.losses.sensor,
          result.losses.source,
          result.losses.encoder,
          result.losses.writer,
        ].join('/'),
        ms(result.latencyMs?.p50),
        ms(result.latencyMs?.p99),
        result.picturesPerViewerSecond.toFixed(1),
        ms(result.loopDelayP99Ms),
        result.memoryPeakMb.toFixed(0),
      ]),
    ]),
  );
}
