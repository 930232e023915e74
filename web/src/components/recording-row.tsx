import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { clockTime, count, localTime } from '../format';
import { t } from '../i18n';
import { removeRecording } from '../monitor-client';
import { certificateUrl, fileUrl, playable, totalSize } from '../recording-files';
import type { Job, RecordingItem } from '../types';
import { Confirmation } from './confirmation';
import { ConvertDialog } from './convert-dialog';
import { DownloadDialog } from './download-dialog';
import { DownloadIcon, PlayIcon } from './icons';
import { JobLine } from './job-line';
import { Player } from './player';
import { Thumbnail } from './thumbnail';

interface RowProps {
  recording: RecordingItem;
  running: boolean;
  removable: boolean;
  selected: boolean;
  selectable: boolean;
  /** Its conversions that are to be shown. */
  jobs: Job[];
  onSelect: (selected: boolean) => void;
}

type Dialog = 'player' | 'download' | 'convert' | 'removal';

export function RecordingRow(props: RowProps): JSX.Element {
  const { recording, running, selected, selectable, jobs, onSelect } = props;
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const { name, start } = recording;
  return (
    <li data-recording={name}>
      <label class="select">
        <input
          type="checkbox"
          aria-label={t.files.selectName(name)}
          checked={selected}
          disabled={running || !selectable}
          onChange={(event) => onSelect(event.currentTarget.checked)}
        />
      </label>
      {/* One that runs may have no picture yet. */}
      <Thumbnail key={String(running)} name={name} />
      <div class="about">
        <div class="what">
          <strong>{name}</strong>
          <time dateTime={new Date(start.wallUs / 1000).toISOString()}>
            {localTime(start.wallUs)}
          </time>
        </div>
        {running ? <p class="facts">{t.files.running}</p> : <Facts recording={recording} />}
      </div>
      {!running && <Deeds {...props} onOpen={setDialog} />}
      {jobs.map((job) => (
        <JobLine key={job.id} job={job} />
      ))}
      {dialog !== null && (
        <Opened dialog={dialog} recording={recording} onClose={() => setDialog(null)} />
      )}
    </li>
  );
}

function Deeds({ recording, removable, onOpen }: RowProps & { onOpen: (dialog: Dialog) => void }) {
  const { name, stop } = recording;
  return (
    <div class="deeds">
      {playable(recording).length > 0 && (
        <button type="button" aria-label={t.files.playName(name)} onClick={() => onOpen('player')}>
          <PlayIcon />
          {t.files.play}
        </button>
      )}
      <button
        type="button"
        aria-label={t.files.downloadName(name)}
        onClick={() => onOpen('download')}
      >
        <DownloadIcon />
        {t.files.download}
      </button>
      {stop !== null && (
        <button
          type="button"
          aria-label={t.convert.buttonName(name)}
          onClick={() => onOpen('convert')}
        >
          {t.convert.button}
        </button>
      )}
      <a class="button" href={certificateUrl(name)} target="_blank" rel="noopener">
        {t.files.certificate}
      </a>
      {removable && (
        <button
          type="button"
          class="removal"
          aria-label={t.files.removeName(name)}
          onClick={() => onOpen('removal')}
        >
          {t.files.remove}
        </button>
      )}
    </div>
  );
}

interface OpenedProps {
  dialog: Dialog;
  recording: RecordingItem;
  onClose: () => void;
}

function Opened({ dialog, recording, onClose }: OpenedProps): JSX.Element {
  const { name } = recording;
  switch (dialog) {
    case 'player': {
      const sources = playable(recording).map((file) => fileUrl(name, file));
      return <Player name={name} sources={sources} onClose={onClose} />;
    }
    case 'download':
      return <DownloadDialog recording={recording} onClose={onClose} />;
    case 'convert':
      return <ConvertDialog recordings={[recording]} onClose={onClose} />;
    case 'removal':
      return (
        <Confirmation
          title={t.files.removeTitle(name)}
          yes={t.files.removeYes}
          no={t.files.removeNo}
          onYes={() => removeRecording(name)}
          onClose={onClose}
        >
          <p>{t.files.removeText(totalSize([recording]))}</p>
        </Confirmation>
      );
  }
}

/** By the certificate's reasons. */
function whyEnded(reason: string): string {
  return t.files.endings[reason] ?? reason;
}

/** Length, size, frames and verdict, as far as they are known. */
function Facts({ recording }: { recording: RecordingItem }): JSX.Element {
  const { start, stop, frames, verdict, losses } = recording;
  const lost = Object.values(losses ?? {}).reduce((sum, stage) => sum + stage, 0);
  return (
    <p class="facts">
      {stop && start.sensorNs !== null && stop.sensorNs !== null && (
        <span>{clockTime((stop.sensorNs - start.sensorNs) / 1e9)}</span>
      )}
      <span>{totalSize([recording])}</span>
      {frames && <span>{t.files.frames(count(frames.written))}</span>}
      {verdict !== null && (
        <span class={verdict === 'complete' ? '' : 'alarm'}>
          {t.files.verdicts[verdict]}
          {lost > 0 && ` (${count(lost)})`}
          {verdict !== 'complete' &&
            `${verdict === 'gaps' ? ' · ' : ': '}${whyEnded(stop?.reason ?? 'power')}`}
        </span>
      )}
    </p>
  );
}
