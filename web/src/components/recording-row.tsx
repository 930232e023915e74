import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { bytes, clockTime, count, localTime } from '../format';
import { t } from '../i18n';
import { removeRecording } from '../monitor-client';
import type { RecordingFile, RecordingItem } from '../types';
import { Confirmation } from './confirmation';
import { DownloadIcon, PlayIcon } from './icons';
import { Player } from './player';

interface RowProps {
  recording: RecordingItem;
  running: boolean;
  removable: boolean;
}

export function RecordingRow({ recording, running, removable }: RowProps): JSX.Element {
  const [open, setOpen] = useState<'player' | 'removal' | null>(null);
  const { name, start, files } = recording;
  const videos = files.filter(isVideo);
  const close = (): void => setOpen(null);
  return (
    <li data-recording={name}>
      <div class="what">
        <strong>{name}</strong>
        <time dateTime={new Date(start.wallUs / 1000).toISOString()}>
          {localTime(start.wallUs)}
        </time>
      </div>
      {running ? <p class="facts">{t.files.running}</p> : <Facts recording={recording} />}
      {!running && (
        <div class="deeds">
          {videos.length > 0 && (
            <button
              type="button"
              aria-label={t.files.playName(name)}
              onClick={() => setOpen('player')}
            >
              <PlayIcon />
              {t.files.play}
            </button>
          )}
          {files.map((file) => (
            <a key={file.path} class="button" href={fileUrl(name, file)} download={file.path}>
              <DownloadIcon />
              {linkText(file, videos.length)}
            </a>
          ))}
          <a class="button" href={certificateUrl(name)} target="_blank" rel="noopener">
            {t.files.certificate}
          </a>
          {removable && (
            <button
              type="button"
              class="removal"
              aria-label={t.files.removeName(name)}
              onClick={() => setOpen('removal')}
            >
              {t.files.remove}
            </button>
          )}
        </div>
      )}
      {open === 'player' && (
        <Player name={name} sources={videos.map((file) => fileUrl(name, file))} onClose={close} />
      )}
      {open === 'removal' && (
        <Confirmation
          title={t.files.removeTitle(name)}
          yes={t.files.removeYes}
          no={t.files.removeNo}
          onYes={() => removeRecording(name)}
          onClose={close}
        >
          <p>{t.files.removeText(sizeOf(files))}</p>
        </Confirmation>
      )}
    </li>
  );
}

/** By the certificate's reasons. */
function whyEnded(reason: string): string {
  return t.files.endings[reason] ?? reason;
}

/** Length, size, frames and verdict, as far as they are known. */
function Facts({ recording }: { recording: RecordingItem }): JSX.Element {
  const { start, stop, frames, verdict, losses, files } = recording;
  const lost = Object.values(losses ?? {}).reduce((sum, stage) => sum + stage, 0);
  return (
    <p class="facts">
      {stop && start.sensorNs !== null && stop.sensorNs !== null && (
        <span>{clockTime((stop.sensorNs - start.sensorNs) / 1e9)}</span>
      )}
      <span>{sizeOf(files)}</span>
      {frames && <span>{t.files.frames(count(frames.written))}</span>}
      {verdict !== null && (
        <span class={verdict === 'complete' ? '' : 'alarm'}>
          {t.files.verdicts[verdict]}
          {lost > 0 && ` (${count(lost)})`}
          {verdict !== 'complete' && `: ${whyEnded(stop?.reason ?? 'power')}`}
        </span>
      )}
    </p>
  );
}

function sizeOf(files: RecordingFile[]): string {
  return bytes(files.reduce((sum, file) => sum + (file.bytes ?? 0), 0));
}

function isVideo({ path }: RecordingFile): boolean {
  return /\.(mp4|mkv|h264)$/.test(path);
}

/** For a person to read or print. */
function certificateUrl(recording: string): string {
  return `/api/v1/recordings/${encodeURIComponent(recording)}/certificate.html`;
}

function fileUrl(recording: string, file: RecordingFile): string {
  return `/api/v1/files/${encodeURIComponent(recording)}/${encodeURIComponent(file.path)}`;
}

/** `Video` and `Log` (one row a frame), or `Video 2` where there are several parts. */
function linkText(file: RecordingFile, videos: number): string {
  const kind = isVideo(file) ? t.files.video : t.files.log;
  const part = /_(\d{4})\.[a-z0-9.]+$/.exec(file.path)?.[1];
  return videos > 1 && part !== undefined ? `${kind} ${Number(part) + 1}` : kind;
}
