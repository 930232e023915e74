import { Problem } from '../errors.js';
import type { NativeClock, NativeStatus } from '../native.js';

/**
 * What a person noted while it was recorded. `sensorNs` is its instant by the sensor's clock, and
 * holds; `frame` is the one being captured then, counted by the camera's rate from the frame that was
 * written last, and so beside the mark by frames lost in between: the frame log has the last word.
 */
export interface Note {
  frame: number;
  sensorNs: number;
  wallUs: number;
  text: string;
}

/**
 * A note of this moment or, where `atWallUs` is given, of an earlier one of the recording. Throws
 * where no recording runs or the instant is not in it.
 */
export function noteOf(
  text: string,
  atWallUs: number | null,
  clock: NativeClock,
  status: NativeStatus | null,
): Note {
  const recording = status?.recording ?? null;
  if (status?.camera == null || recording === null || recording.written === 0) {
    throw new Problem('not-recording', 'A note needs a recording that runs.');
  }
  const wallUs = atWallUs ?? clock.wallUs;
  const sensorNs = Math.round(clock.monotonicNs - (clock.wallUs - wallUs) * 1000);
  if (sensorNs < recording.firstSensorNs || wallUs > clock.wallUs) {
    throw new Problem('invalid-value', 'It must be an instant since the recording began.', 'at');
  }
  const intervalNs = 1e9 / status.camera.fps;
  const sinceLast = Math.floor((sensorNs - recording.lastSensorNs) / intervalNs);
  return { frame: Math.max(0, recording.written - 1 + sinceLast), sensorNs, wallUs, text };
}
