import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../errors.js';

/** Of every frame of a recording, in order: its number and the sensor's time. */
export interface FrameTimes {
  /** As the log counts; a number may be missing where frames were lost. */
  frames: number[];
  sensorNs: number[];
}

/** Reads the frame logs of a recording's segments, in their order. */
export async function readFrameTimes(folder: string, logs: string[]): Promise<FrameTimes> {
  const times: FrameTimes = { frames: [], sensorNs: [] };
  for (const log of logs) addLog(times, await readFile(join(folder, log), 'utf8'), log);
  if (times.frames.length === 0) throw broken('There are no frames to convert.');
  return times;
}

function addLog({ frames, sensorNs }: FrameTimes, text: string, log: string): void {
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const columns = header.split(',');
  const frameColumn = columns.indexOf('frame');
  const timeColumn = columns.indexOf('sensor_ns');
  if (frameColumn < 0 || timeColumn < 0) throw broken(`${log} is no frame log.`);
  for (const [row, line] of lines.entries()) {
    const cells = line.split(',');
    const frame = Number(cells[frameColumn]);
    const time = Number(cells[timeColumn]);
    if (!Number.isSafeInteger(frame) || !(time > (sensorNs.at(-1) ?? 0))) {
      throw broken(`${log} is wrong in line ${row + 2}.`);
    }
    frames.push(frame);
    sensorNs.push(time);
  }
}

const broken = (detail: string): Problem => new Problem('conversion-failed', detail);
