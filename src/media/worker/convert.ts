import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../../errors.js';
import type { Quality } from '../conversion.js';
import { workFolder, type ConvertTask, type MadeFile } from '../tasks.js';
import { runFfmpeg } from './ffmpeg.js';
import { readFrameTimes, type FrameTimes } from './frame-log.js';
import { writeFrameMap } from './frame-map.js';
import { joinSegments, sizeOfSegments } from './join.js';
import { keepWriting } from './keep-writing.js';
import { requireRoom, watchRoom } from './room.js';
import {
  everyNth,
  nearestFrames,
  sensorTiming,
  steadyTiming,
  type SteadyTiming,
  type Timing,
} from './timing.js';

/** In the recording's folder. */
const video = join(workFolder, 'video.mp4');
const map = join(workFolder, 'frame-map.csv');
/** All frames in one file, for what is encoded anew from it. */
const source = join(workFolder, 'source.mp4');

/** libx264's rate factors: 18 is nearly lossless. */
const rateFactors: Record<Quality, number> = { low: 30, medium: 25, high: 20 };
const faithful = 18;

/** The part of the work that joining is, where encoding follows. */
const joiningPart = 0.1;

type Progress = (done: number) => void;

/**
 * Converts a recording; what is made is in the work folder below the recording's, and whole. Only
 * reads the recording itself. `onProgress` is told 0 to 1.
 */
export async function convert(task: ConvertTask, onProgress: Progress): Promise<MadeFile[]> {
  const { folder, segments, conversion } = task;
  const copies = conversion.kind === 'mp4' ? 1 : 2;
  await requireRoom(task, copies * (await sizeOfSegments(folder, segments)));
  await mkdir(join(folder, workFolder));
  const times = await readFrameTimes(
    folder,
    segments.map(({ log }) => log),
  );
  const control = new AbortController();
  const ends = [
    watchRoom(task, control),
    keepWriting([source, video].map((one) => join(folder, one))),
  ];
  try {
    return await new Conversion(task, times, control.signal, onProgress).make();
  } finally {
    for (const end of ends) end();
  }
}

class Conversion {
  constructor(
    private readonly task: ConvertTask,
    private readonly times: FrameTimes,
    private readonly signal: AbortSignal,
    private readonly onProgress: Progress,
  ) {}

  async make(): Promise<MadeFile[]> {
    const { times } = this;
    const { conversion } = this.task;
    const count = times.frames.length;
    switch (conversion.kind) {
      case 'mp4':
        await this.join(video, sensorTiming(times), this.onProgress);
        return [await this.made(video, 'mp4', count)];
      case 'smaller': {
        const height = `trunc(min(${conversion.height}\\,ih)/2)*2`;
        const timing = sensorTiming(times);
        await this.encode(timing, count, rateFactors[conversion.quality], [
          ...['-vf', `scale=-2:${height}`, '-fps_mode', 'passthrough'],
          ...['-enc_time_base', `1:${timing.timescale}`],
        ]);
        return [await this.made(video, 'smaller', count)];
      }
      case 'constant-rate': {
        const { fps } = conversion;
        const shown = nearestFrames(times, fps);
        await this.encodeSteady(steadyTiming(count, shown, fps), faithful);
        await writeFrameMap(join(this.task.folder, map), times, shown, fps);
        const made = await this.made(video, 'constant-rate', shown.length);
        return [made, await this.made(map, 'frame-map', shown.length)];
      }
      case 'time-lapse': {
        const { every, fps, quality } = conversion;
        const shown = everyNth(times, every);
        await this.encodeSteady(steadyTiming(count, shown, fps), rateFactors[quality]);
        return [await this.made(video, 'time-lapse', shown.length)];
      }
    }
  }

  /** Only frames at whole multiples of the unit are shown, and again until the next comes. */
  private async encodeSteady(timing: SteadyTiming, rateFactor: number): Promise<void> {
    const { unit, timescale, outputFrames } = timing;
    const filters = [
      `select=not(mod(pts\\,${unit}))`,
      `fps=fps=${timescale}/${unit}:start_time=0`,
      // Where the last frame is shown more than once; -frames:v ends it.
      `tpad=stop=2:stop_mode=clone`,
    ];
    await this.encode(timing, outputFrames, rateFactor, [
      ...['-vf', filters.join(','), '-frames:v', String(outputFrames)],
    ]);
  }

  private async encode(
    timing: Timing,
    frames: number,
    rateFactor: number,
    how: string[],
  ): Promise<void> {
    await this.join(source, timing, (done) => this.onProgress(done * joiningPart));
    const { ffmpeg: program, folder } = this.task;
    const written = await runFfmpeg({
      program,
      folder,
      signal: this.signal,
      onFrames: (n) => this.onProgress(joiningPart + ((1 - joiningPart) * n) / frames),
      args: [
        // What cannot be decoded is told, not painted over.
        ...['-xerror', '-err_detect', 'explode', '-threads', '1', '-i', source, ...how],
        ...['-filter_threads', '1', '-c:v', 'libx264', '-threads', '1', '-preset', 'veryfast'],
        // No reordered frames: every reader finds frame n at place n.
        ...['-bf', '0', '-crf', String(rateFactor), '-pix_fmt', 'yuv420p'],
        ...['-video_track_timescale', String(timing.timescale), '-map_metadata', '-1'],
        ...['-movflags', '+faststart', '-f', 'mp4', '-y', video],
      ],
    });
    await rm(join(folder, source));
    if (written === frames) return;
    throw new Problem('conversion-failed', `Of ${frames} frames ${written} came out.`);
  }

  private async join(output: string, timing: Timing, onProgress: Progress): Promise<void> {
    const onFrames = (n: number): void => onProgress(n / this.times.frames.length);
    await joinSegments(this.task, output, timing, { onFrames, signal: this.signal });
  }

  private async made(path: string, kind: MadeFile['kind'], frames: number): Promise<MadeFile> {
    const hash = createHash('sha256');
    let bytes = 0;
    await pipeline(
      createReadStream(join(this.task.folder, path)),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.length;
          this.signal.throwIfAborted();
        }
      },
    );
    return { path, kind, bytes, frames, sha256: hash.digest('hex') };
  }
}
