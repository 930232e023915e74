import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workFolder, type ConvertTask } from '../tasks.js';
import { runFfmpeg } from './ffmpeg.js';
import { indexRoom, setTimes } from './mp4-times.js';
import type { Timing } from './timing.js';

/**
 * Copies the frames of all segments into one plain mp4, as they are and in their order, and gives
 * them these times. Containers say less than the frame logs (mkv rounds, raw H.264 has no times), so
 * that what they say is not used.
 */
export async function joinSegments(
  { ffmpeg, folder, segments }: Pick<ConvertTask, 'ffmpeg' | 'folder' | 'segments'>,
  output: string,
  timing: Timing,
  control: { onFrames: (frames: number) => void; signal: AbortSignal },
): Promise<void> {
  const list = join(workFolder, 'segments.txt');
  // Names of files are of letters, digits, dots, dashes and underscores: nothing is to be quoted.
  const lines = segments.map(({ video }) => `file ../${video}`);
  await writeFile(join(folder, list), ['ffconcat version 1.0', ...lines, ''].join('\n'));
  await runFfmpeg({
    program: ffmpeg,
    folder,
    args: [
      ...['-f', 'concat', '-safe', '0', '-i', list, '-map', '0:v:0', '-c', 'copy'],
      ...['-bsf:v', 'setts=ts=N', '-map_metadata', '-1'],
      ...['-moov_size', String(indexRoom(timing.ticks.length)), '-f', 'mp4', '-y', output],
    ],
    ...control,
  });
  await setTimes(join(folder, output), timing);
}

/** Together, in bytes. */
export async function sizeOfSegments(
  folder: string,
  segments: ConvertTask['segments'],
): Promise<number> {
  const sizes = await Promise.all(
    segments.map(async ({ video }) => (await stat(join(folder, video))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
