import type { Certificate } from '../monitor/certificate.js';
import type { SegmentNames } from './tasks.js';

const videoEnding = /\.(mp4|mkv|h264)$/;

/** A recording's segments that have frames and a log, in their order. */
export function segmentsOf({ files }: Pick<Certificate, 'files'>): SegmentNames[] {
  const names = new Set(files.map(({ path }) => path));
  return files
    .filter(({ path, frames }) => videoEnding.test(path) && frames !== 0)
    .sort((a, b) => a.firstFrame - b.firstFrame)
    .map(({ path }) => ({ video: path, log: path.replace(videoEnding, '.frames.csv') }))
    .filter(({ log }) => names.has(log));
}
