import type { SegmentFile } from '../native.js';
import type { CertifiedFile } from './certificate.js';

/** The entries of a segment's two files; what `files` knows of them already, their hashes, is kept. */
export function withSegment(files: CertifiedFile[], segment: SegmentFile): CertifiedFile[] {
  const { video, log, firstFrame, frames, bytes, logBytes, closed } = segment;
  const known = frames > 0;
  const entries = [
    { path: video, bytes: known ? bytes : null, frames: known ? frames : null, firstFrame },
    { path: log, bytes: known ? logBytes : null, frames: known ? frames : null, firstFrame },
  ].map((entry) => ({
    ...entry,
    sha256: files.find(({ path }) => path === entry.path)?.sha256 ?? null,
    closed,
  }));
  const others = files.filter(({ path }) => path !== video && path !== log);
  return [...others, ...entries].sort((a, b) => a.firstFrame - b.firstFrame);
}

/** The files of a recording that has ended. */
export function finalFiles(files: CertifiedFile[], segments: SegmentFile[]): CertifiedFile[] {
  const all = segments.reduce(withSegment, files);
  const names = new Set(segments.flatMap(({ video, log }) => [video, log]));
  return all.filter(({ path }) => names.has(path));
}

export function withHash(files: CertifiedFile[], path: string, sha256: string): CertifiedFile[] {
  return files.map((file) => (file.path === path ? { ...file, sha256 } : file));
}

/** The files of a recording that runs: those of the segment in work grow. */
export function withGrowth(
  files: CertifiedFile[],
  written: number,
  videoBytes: number,
): CertifiedFile[] {
  const isOpen = (file: CertifiedFile): boolean => file.bytes === null;
  const closedBytes = files
    .filter((file) => !isOpen(file) && !file.path.endsWith('.csv'))
    .reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  return files.map((file) => {
    if (!isOpen(file)) return file;
    const bytes = file.path.endsWith('.csv') ? null : videoBytes - closedBytes;
    return { ...file, bytes, frames: written - file.firstFrame };
  });
}
