import type { ProblemJson } from '../errors.js';
import type { Conversion, ConversionKind } from './conversion.js';

/** What the server asks of a worker, and what that answers: plain data, for it crosses processes. */

/** A segment's files, by name in the recording's folder. */
export interface SegmentNames {
  video: string;
  log: string;
}

export interface ConvertTask {
  type: 'convert';
  /** The program. */
  ffmpeg: string;
  /** Of the recording. */
  folder: string;
  /** In their order. */
  segments: SegmentNames[];
  conversion: Conversion;
  /** So much of the disk stays free: the larger of the two. */
  keepFree: { bytes: number; percent: number };
}

export interface ThumbnailTask {
  type: 'thumbnail';
  ffmpeg: string;
  folder: string;
  /** By name, in their order; the first that shows something is taken. */
  videos: string[];
  /** To be written, in the folder. */
  output: string;
}

export type Task = ConvertTask | ThumbnailTask;

/** A file that a worker has made, in the folder's `.converting`. */
export interface MadeFile {
  path: string;
  kind: ConversionKind | 'frame-map';
  bytes: number;
  /** Of a video, and of the video a map is of. */
  frames: number;
  sha256: string;
}

/** Where a conversion works, in the recording's folder: what is in it is unfinished. */
export const workFolder = '.converting';

export type WorkerMessage =
  { progress: number } | { made: MadeFile[] } | { problem: Pick<ProblemJson, 'code' | 'detail'> };
