import { open, type FileHandle } from 'node:fs/promises';
import { Problem } from '../../errors.js';
import {
  boxHeader,
  boxHeaderBytes,
  bytesAt,
  mapBoxes,
  parseBoxes,
  serializeBoxes,
  type Box,
} from './mp4-boxes.js';
import type { Timing } from './timing.js';

/** What the index (`moov`) of so many frames takes at most, with times of 64 bits. */
export function indexRoom(frames: number): number {
  return 16_384 + 40 * frames;
}

/**
 * Gives the frames of a plain mp4 other times, in place. It must have one video, without reordered
 * frames, and its index before the pictures with room behind it, as `indexRoom` says. Throws
 * `conversion-failed` where it has not as many frames as there are times.
 */
export async function setTimes(path: string, timing: Timing): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { at, size, room } = await findIndex(file);
    const bytes = Buffer.alloc(size);
    await file.read(bytes, 0, size, at);
    const index = serializeBoxes(withTimes(parseBoxes(bytes), timing));
    const rest = room - index.length;
    if (rest !== 0 && rest < boxHeaderBytes) throw failed('Its index has no room.');
    if (rest > 0) await file.write(boxHeader(rest, 'free'), 0, boxHeaderBytes, at + index.length);
    await file.write(index, 0, index.length, at);
  } finally {
    await file.close();
  }
}

interface IndexPlace {
  at: number;
  size: number;
  /** With the free space behind it. */
  room: number;
}

async function findIndex(file: FileHandle): Promise<IndexPlace> {
  const header = Buffer.alloc(boxHeaderBytes);
  let index: IndexPlace | null = null;
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(header, 0, boxHeaderBytes, at);
    const size = header.readUInt32BE();
    const type = header.toString('latin1', 4);
    if (bytesRead < boxHeaderBytes || size < boxHeaderBytes || type === 'mdat') break;
    if (type === 'moov') index = { at, size, room: size };
    else if (type === 'free' && index !== null) index.room += size;
    at += size;
  }
  if (index === null) throw failed('ffmpeg made no index.');
  return index;
}

function withTimes(boxes: Box[], timing: Timing): Box[] {
  const samples = bytesAt(boxes, 'moov', 'trak', 'mdia', 'minf', 'stbl', 'stsz').readUInt32BE(8);
  if (samples !== timing.ticks.length) {
    throw failed(`The video has ${samples} frames, and its log ${timing.ticks.length}.`);
  }
  const ticks = (timing.ticks.at(-1) ?? 0) + timing.lastTicks;
  const seconds = ticks / timing.timescale;
  return mapBoxes(boxes, (type, content) => {
    switch (type) {
      case 'mvhd':
        return movieHeader(content, seconds);
      case 'tkhd':
        return trackHeader(content, bytesAt(boxes, 'moov', 'mvhd'), seconds);
      case 'mdhd':
        return mediaHeader(content, timing.timescale, ticks);
      case 'stts':
        return durations(timing);
      case 'edts': // the first frame is shown at 0: there is nothing to be cut
        return null;
      case 'ctts':
        throw failed('Its frames are not in the order in which they are shown.');
      default:
        return content;
    }
  });
}

/** mvhd and tkhd as ffmpeg writes them for videos up to weeks: version 0, in ms. */
function movieHeader(content: Buffer, seconds: number): Buffer {
  return withDuration(content, 16, seconds * content.readUInt32BE(12));
}

function trackHeader(content: Buffer, movie: Buffer, seconds: number): Buffer {
  return withDuration(content, 20, seconds * movie.readUInt32BE(12));
}

function withDuration(content: Buffer, at: number, duration: number): Buffer {
  if (content.readUInt8() !== 0 || duration >= 2 ** 32) throw failed('The video is too long.');
  const changed = Buffer.from(content);
  changed.writeUInt32BE(Math.round(duration), at);
  return changed;
}

/** Version 1, for a duration of 64 bits; 32 bits of µs would last 71 minutes. */
function mediaHeader(old: Buffer, timescale: number, ticks: number): Buffer {
  const times = Buffer.alloc(32);
  times.writeUInt8(1);
  times.writeUInt32BE(timescale, 20);
  times.writeBigUInt64BE(BigInt(ticks), 24);
  const language = old.subarray(old.readUInt8() === 0 ? 20 : 32);
  return Buffer.concat([times, language]);
}

/** The stts box: how long each frame is shown, equal ones that follow each other told once. */
function durations({ ticks, lastTicks }: Timing): Buffer {
  const runs: { count: number; duration: number }[] = [];
  for (const [i, tick] of ticks.entries()) {
    const duration = i + 1 < ticks.length ? (ticks[i + 1] ?? 0) - tick : lastTicks;
    if (duration > 2 ** 31 - 1) throw failed('It has a gap that is too long for an mp4.');
    const last = runs.at(-1);
    if (last?.duration === duration) last.count++;
    else runs.push({ count: 1, duration });
  }
  const box = Buffer.alloc(8 + 8 * runs.length);
  box.writeUInt32BE(runs.length, 4);
  for (const [i, { count, duration }] of runs.entries()) {
    box.writeUInt32BE(count, 8 + 8 * i);
    box.writeUInt32BE(duration, 12 + 8 * i);
  }
  return box;
}

const failed = (detail: string): Problem => new Problem('conversion-failed', detail);
