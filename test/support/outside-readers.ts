import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What programs not written here make of a video. Each rejects on a warning. */

export interface Probed {
  /** As the container's index says; NaN where it has none. */
  frames: number;
  seconds: number;
}

export async function ffprobe(path: string): Promise<Probed> {
  const args = ['-v', 'warning', '-show_entries', 'stream=nb_frames:format=duration'];
  const { stdout, stderr } = await run('ffprobe', [...args, '-of', 'json', path]);
  if (stderr !== '') throw new Error(stderr);
  const { streams, format } = JSON.parse(stdout) as {
    streams: { nb_frames?: string }[];
    format: { duration: string };
  };
  return { frames: Number(streams[0]?.nb_frames), seconds: Number(format.duration) };
}

/** The colours a video says it has, as ffprobe names them. */
export async function colours(path: string): Promise<Record<string, string>> {
  const wanted = 'stream=color_range,color_space,color_transfer,color_primaries';
  const args = ['-v', 'error', '-show_entries', wanted, '-of', 'json', path];
  const { streams } = JSON.parse((await run('ffprobe', args)).stdout) as {
    streams: Record<string, string>[];
  };
  return streams[0] ?? {};
}

export interface Seeks {
  frames: number;
  /** Sensor times in µs, of the frames asked for. */
  seeks: (number | null)[];
}

/** `frames` are frame numbers to jump to. The system's Python is the one that has OpenCV. */
export async function opencv(path: string, frames: number[]): Promise<Seeks> {
  // Compiled, this file is build/test/support/outside-readers.js.
  const script = fileURLToPath(new URL('../../../test/support/opencv-frames.py', import.meta.url));
  const { stdout, stderr } = await run('/usr/bin/python3', [script, path, ...frames.map(String)]);
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as Seeks;
}

export async function mkvmerge(path: string): Promise<{ container: string }> {
  const { stdout } = await run('mkvmerge', ['-J', path]);
  const { container, warnings, errors } = JSON.parse(stdout) as {
    container: { type: string };
    warnings: string[];
    errors: string[];
  };
  if (warnings.length + errors.length > 0) throw new Error([...warnings, ...errors].join('\n'));
  return { container: container.type };
}
