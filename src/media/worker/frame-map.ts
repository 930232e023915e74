import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { FrameTimes } from './frame-log.js';

/**
 * Writes which frame of the recording each frame of a constant-rate video is:
 * `output_frame,source_frame,sensor_ns,offset_us,what`. `what` is `frame`, `duplicate` (the frame of
 * the row before once more, for want of another), or `drop` (a frame of the recording that is not in
 * the output; its `output_frame` and `offset_us` are empty). `offset_us` is how much earlier (negative)
 * or later the source frame was taken than the output shows it. `shown`: indices into `times`.
 */
export async function writeFrameMap(
  path: string,
  times: FrameTimes,
  shown: readonly number[],
  fps: number,
): Promise<void> {
  await pipeline(inBlocks(rows(times, shown, fps)), createWriteStream(path));
}

function* rows({ frames, sensorNs }: FrameTimes, shown: readonly number[], fps: number) {
  yield 'output_frame,source_frame,sensor_ns,offset_us,what';
  const start = sensorNs[0] ?? 0;
  const row = (source: number, output: number | null, what: string): string => {
    const time = sensorNs[source] ?? 0;
    const offsetUs = output === null ? '' : Math.round((time - start) / 1e3 - (output * 1e6) / fps);
    return `${output ?? ''},${frames[source]},${time},${offsetUs},${what}`;
  };
  let next = 0;
  for (const [output, source] of shown.entries()) {
    for (; next < source; next++) yield row(next, null, 'drop');
    yield row(source, output, next > source ? 'duplicate' : 'frame');
    next = source + 1;
  }
  for (; next < frames.length; next++) yield row(next, null, 'drop');
}

/** Many lines at a time: a stream that takes each by itself is slow. */
function* inBlocks(lines: Iterable<string>) {
  let block = '';
  for (const line of lines) {
    block += `${line}\n`;
    if (block.length < 65_536) continue;
    yield block;
    block = '';
  }
  yield block;
}
