import type { FrameTimes } from './frame-log.js';

/** When each frame of a video is shown, in ticks of 1/`timescale` s; the first at 0. */
export interface Timing {
  timescale: number;
  /** Rising. */
  ticks: number[];
  /** How long the last frame is shown. */
  lastTicks: number;
}

/**
 * Frames for a video of constant rate. Those it shows have a time that is a whole multiple of `unit`,
 * the number of the first output frame that shows them; those it leaves out have another time.
 */
export interface SteadyTiming extends Timing {
  unit: number;
  /** The output's rate is `timescale / unit`. */
  outputFrames: number;
}

const microseconds = 1_000_000;
/** Readers of mp4 take a frame's duration as an int of 32 bits. */
const longestTicks = 2 ** 31 - 1;

/** The sensor's own times: µs, or coarser where frames are more than half an hour apart. */
export function sensorTiming({ sensorNs }: FrameTimes): Timing {
  const start = sensorNs[0] ?? 0;
  let longestUs = 0;
  for (let i = 1; i < sensorNs.length; i++) {
    longestUs = Math.max(longestUs, ((sensorNs[i] ?? 0) - (sensorNs[i - 1] ?? 0)) / 1000);
  }
  let timescale = microseconds;
  while ((longestUs * timescale) / microseconds > longestTicks) timescale /= 10;
  const ticks = sensorNs.map((time) => Math.round(((time - start) / 1e9) * timescale));
  // As long as the one before it; a single frame is shown for a second.
  const lastTicks = ticks.length < 2 ? timescale : (ticks.at(-1) ?? 0) - (ticks.at(-2) ?? 0);
  return { timescale, ticks, lastTicks };
}

/**
 * For each output frame of a constant rate, the source frame that is nearest to it in time, as an
 * index; the later one of two that are equally near.
 */
export function nearestFrames({ sensorNs }: FrameTimes, fps: number): number[] {
  const start = sensorNs[0] ?? 0;
  const count = Math.round((((sensorNs.at(-1) ?? 0) - start) / 1e9) * fps) + 1;
  let source = 0;
  return Array.from({ length: count }, (_, k) => {
    const wanted = start + (k * 1e9) / fps;
    const distance = (i: number): number => Math.abs((sensorNs[i] ?? Infinity) - wanted);
    while (distance(source + 1) <= distance(source)) source++;
    return source;
  });
}

/** Every n-th frame, once: indices for `steadyTiming`. */
export function everyNth({ sensorNs }: FrameTimes, every: number): number[] {
  return Array.from({ length: Math.ceil(sensorNs.length / every) }, (_, k) => k * every);
}

/** Times that make a video show `shown[k]` as its frame k; `shown` never goes back. */
export function steadyTiming(sourceFrames: number, shown: number[], fps: number): SteadyTiming {
  const firstShownAt = new Map<number, number>();
  for (const [k, source] of shown.entries()) {
    if (!firstShownAt.has(source)) firstShownAt.set(source, k);
  }
  const [numerator, denominator] = fraction(fps);
  const unit =
    denominator * Math.ceil((longestLeftOut(sourceFrames, firstShownAt) + 1) / denominator);
  let tick = -1;
  const ticks = Array.from({ length: sourceFrames }, (_, source) => {
    const k = firstShownAt.get(source);
    // One that is left out comes a tick after the one before it, and so before the next multiple.
    tick = k === undefined ? tick + 1 : k * unit;
    return tick;
  });
  const end = shown.length * unit;
  const lastTicks = Math.max(1, end - tick);
  const timescale = (numerator * unit) / denominator;
  return { timescale, ticks, lastTicks, unit, outputFrames: shown.length };
}

/** The most frames in a row of which none is shown. */
function longestLeftOut(sourceFrames: number, shown: ReadonlyMap<number, unknown>): number {
  let longest = 0;
  for (let source = 0, run = 0; source < sourceFrames; source++) {
    run = shown.has(source) ? 0 : run + 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** A rate of at most three decimals as a reduced fraction: 29.97 is 2997/100. */
export function fraction(fps: number): [numerator: number, denominator: number] {
  const thousandths = Math.round(fps * 1000);
  const divisor = greatestCommonDivisor(thousandths, 1000);
  return [thousandths / divisor, 1000 / divisor];
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
