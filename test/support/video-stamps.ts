import { spawn } from 'node:child_process';
import { readStampFromLuma, type Stamp } from './stamp.js';

/**
 * Decodes a video of the synthetic camera and returns the stamp of each of its frames, in order;
 * null for a frame whose stamp cannot be read. `width` is the video's. Rejects with ffmpeg's words.
 */
export async function videoStamps(path: string, width: number): Promise<(Stamp | null)[]> {
  // The stamp's two rows are enough, and a fraction of the whole picture.
  const height = Math.ceil((2 * width) / 80 / 2) * 2;
  const luma = await ffmpeg([
    ...['-v', 'error', '-i', path, '-vf', `crop=${width}:${height}:0:0`],
    // Each decoded frame once, whatever its time: ffmpeg would else double and drop to a steady rate.
    ...['-vsync', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'],
  ]);
  const size = width * height;
  return Array.from({ length: Math.floor(luma.length / size) }, (_, frame) =>
    readStampFromLuma(luma.subarray(frame * size, (frame + 1) * size), width),
  );
}

function ffmpeg(args: string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.env['FFMPEG_BIN'] ?? 'ffmpeg', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    let complaint = '';
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => (complaint += bytes.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new Error(`ffmpeg ended with ${String(code)}: ${complaint}`));
    });
  });
}
