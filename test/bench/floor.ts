import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { mean } from './stats.js';

/** CPU that libx264 and TurboJPEG alone need for a frame of the synthetic camera, in milliseconds. */
export interface Floor {
  h264MsPerFrame: number;
  jpegMsPerFrame: number;
  bytesPerFrame: number;
}

export interface FloorSettings {
  frames: number;
  width: number;
  height: number;
  fps: number;
  previewWidth: number;
  jpegQuality: number;
  threads: number;
}

const program = fileURLToPath(new URL('../../bench-native/test/bench/floor', import.meta.url));

/** Runs the codecs alone at the camera's pace; see floor.cc. */
export async function measureFloor(of: FloorSettings): Promise<Floor> {
  const args = [
    of.frames,
    of.width,
    of.height,
    of.fps,
    of.previewWidth,
    of.jpegQuality,
    of.threads,
  ];
  const { stdout } = await promisify(execFile)(program, args.map(String));
  return JSON.parse(stdout) as Floor;
}

/** The machine's speed drifts: the floor is measured before and after, and taken in the middle. */
export function middleOf(floors: readonly Floor[]): Floor {
  return {
    h264MsPerFrame: mean(floors.map((floor) => floor.h264MsPerFrame)),
    jpegMsPerFrame: mean(floors.map((floor) => floor.jpegMsPerFrame)),
    bytesPerFrame: mean(floors.map((floor) => floor.bytesPerFrame)),
  };
}
