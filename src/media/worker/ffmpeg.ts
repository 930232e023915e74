import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Problem } from '../../errors.js';
import { workFolder } from '../tasks.js';

/** Enough of what ffmpeg complains about to see why. */
const keptComplaint = 2000;

export interface FfmpegRun {
  program: string;
  args: string[];
  folder: string;
  /** Frames written so far. */
  onFrames: (frames: number) => void;
  signal: AbortSignal;
}

/**
 * Runs ffmpeg to its end; returns how many frames it has written. Rejects with `conversion-failed`
 * in its own words, with `disk-full` where that is what they say, or with the signal's reason.
 */
export async function runFfmpeg(run: FfmpegRun): Promise<number> {
  const { program, args, folder, onFrames, signal } = run;
  signal.throwIfAborted();
  const always = ['-nostdin', '-hide_banner', '-v', 'error', '-nostats', '-progress', 'pipe:1'];
  const child = spawn(program, [...always, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): boolean => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  let frames = 0;
  createInterface(child.stdout).on('line', (line) => {
    const value = /^frame=\s*(\d+)/.exec(line)?.[1];
    if (value !== undefined) onFrames((frames = Number(value)));
  });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-keptComplaint);
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    signal.throwIfAborted();
    if (code === 0) return frames;
    throw problemOf(readable(complaint) || `ffmpeg ended with ${String(code)}.`);
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** Without the addresses of its parts, and without the folder that nobody else sees. */
function readable(complaint: string): string {
  return complaint
    .replaceAll(/\[[^\]]*@ 0x[0-9a-f]+\] /g, '')
    .replaceAll(`${workFolder}/../`, '')
    .replaceAll(`${workFolder}/`, '')
    .trim()
    .replaceAll('\n', '; ');
}

function problemOf(complaint: string): Problem {
  const full = complaint.includes('No space left on device');
  return new Problem(full ? 'disk-full' : 'conversion-failed', complaint);
}
