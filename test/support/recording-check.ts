import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from '../../src/monitor/certificate.js';
import { videoStamps } from './video-stamps.js';

/**
 * What does not agree in a recording, in sentences: the sums of its certificate, the rows of its frame
 * logs, and the stamps of its videos, frame by frame. Empty where all is well. `width` is the video's.
 */
export async function disagreements(
  folder: string,
  { frames, losses, files, stop }: Certificate,
  width: number,
): Promise<string[]> {
  if (frames === null || losses === null || stop === null) return ['the certificate is not final'];
  const { expected, captured, encoded, written } = frames;
  const found: string[] = [];
  const same = (what: string, a: unknown, b: unknown): void => {
    if (a !== b) found.push(`${what}: ${String(a)} is not ${String(b)}`);
  };
  same('expected = captured + losses before', expected, captured + losses.sensor + losses.source);
  same('captured = encoded + losses of the encoder', captured, encoded + losses.encoder);
  same('encoded = written + losses of the writer', encoded, written + losses.writer);
  let total = 0;
  for (const { path, frames, firstFrame } of files) {
    if (path.endsWith('.csv') || frames === 0) continue; // cut off before its first frame
    const rows = await sensorTimes(join(folder, path.replace(/\.[^.]+$/, '.frames.csv')));
    const stamps = await videoStamps(join(folder, path), width);
    same(`first frame of ${path}`, firstFrame, total);
    same(`rows of ${path}`, rows.length, frames);
    same(`frames of ${path}`, stamps.length, frames);
    const wrong = stamps.findIndex((stamp, i) => stamp?.sensorUs !== rows[i]);
    if (wrong >= 0) found.push(`${path}: frame ${wrong} is not the one of its row`);
    total += stamps.length;
  }
  same('frames of all files', total, written);
  return found;
}

/** The sensor times of a frame log, in µs. */
async function sensorTimes(path: string): Promise<number[]> {
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const column = header.split(',').indexOf('sensor_ns');
  return lines.map((line) => Math.floor(Number(line.split(',')[column]) / 1000));
}
