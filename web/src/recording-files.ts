import { bytes } from './format';
import { t } from './i18n';
import type { DerivedFile, RecordingFile, RecordingItem } from './types';

/** What a recording consists of, as it is named and linked on the page. */

export function isVideo({ path }: { path: string }): boolean {
  return /\.(mp4|mkv|h264)$/.test(path);
}

/** What a browser plays, in its order: the segments, or the joined video where those are no mp4. */
export function playable({ files, derived }: RecordingItem): { path: string }[] {
  const segments = files.filter(({ path }) => path.endsWith('.mp4'));
  return segments.length > 0 ? segments : derived.filter(({ kind }) => kind === 'mp4').slice(-1);
}

export function totalSize(recordings: readonly RecordingItem[]): string {
  const files = recordings.flatMap((one): { bytes: number | null }[] => [
    ...one.files,
    ...one.derived,
  ]);
  return bytes(files.reduce((sum, file) => sum + (file.bytes ?? 0), 0));
}

/** For a person to read or print. */
export function certificateUrl(recording: string): string {
  return `/api/v1/recordings/${encodeURIComponent(recording)}/certificate.html`;
}

export function thumbnailUrl(recording: string): string {
  return `/api/v1/recordings/${encodeURIComponent(recording)}/thumbnail.jpg`;
}

export function fileUrl(recording: string, { path }: { path: string }): string {
  return `/api/v1/files/${encodeURIComponent(recording)}/${encodeURIComponent(path)}`;
}

/** `Video` and `Log` (one row a frame), or `Video 2` where there are several parts. */
export function segmentLabel(file: RecordingFile, videos: number): string {
  const kind = isVideo(file) ? t.files.video : t.files.log;
  const part = /_(\d{4})\.[a-z0-9.]+$/.exec(file.path)?.[1];
  return videos > 1 && part !== undefined ? `${kind} ${Number(part) + 1}` : kind;
}

export function derivedLabel({ kind }: DerivedFile): string {
  return kind === 'frame-map' ? t.convert.frameMap : t.convert.kinds[kind].title;
}
