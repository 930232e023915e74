import { execFile } from 'node:child_process';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { Problem } from '../../errors.js';
import type { ThumbnailTask } from '../tasks.js';

const run = promisify(execFile);

/** A row of the list shows it at half of this, a sharp screen at all of it. */
const width = 320;
const quality = 75;
/** A picture of 4096×3072 as PNG at its worst. */
const mostBytes = 64e6;

/** Makes a small picture of the first keyframe that can be decoded. Throws `not-found`. */
export async function makeThumbnail({
  ffmpeg,
  folder,
  videos,
  output,
}: ThumbnailTask): Promise<void> {
  for (const video of videos) {
    const picture = await firstKeyframe(ffmpeg, folder, video);
    if (picture === null) continue;
    sharp.concurrency(1);
    const draft = join(folder, `${output}.part`);
    await writeFile(draft, await sharp(picture).resize({ width }).jpeg({ quality }).toBuffer());
    await rename(draft, join(folder, output));
    return;
  }
  throw new Problem('not-found', 'No frame of it can be shown yet.');
}

async function firstKeyframe(
  ffmpeg: string,
  folder: string,
  video: string,
): Promise<Buffer | null> {
  const { stdout } = await run(
    ffmpeg,
    [
      ...['-nostdin', '-v', 'error', '-threads', '1', '-skip_frame', 'nokey', '-i', video],
      ...['-frames:v', '1', '-f', 'image2pipe', '-c:v', 'png', '-compression_level', '1', 'pipe:1'],
    ],
    { cwd: folder, encoding: 'buffer', maxBuffer: mostBytes },
  ).catch(() => ({ stdout: null }));
  return stdout !== null && stdout.length > 0 ? stdout : null;
}
