import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { archiveUrls } from '../archive-urls';
import { totalSize } from '../recording-files';
import type { RecordingItem } from '../types';
import { ConvertDialog } from './convert-dialog';
import { DownloadIcon } from './icons';

interface SelectionProps {
  /** Those that can be selected. */
  all: RecordingItem[];
  selected: RecordingItem[];
  onSelectAll: (selected: boolean) => void;
}

/** What can be done with several recordings at once. */
export function SelectionBar({ all, selected, onSelectAll }: SelectionProps): JSX.Element {
  const [converting, setConverting] = useState(false);
  const whole = selected.length === all.length;
  // All are asked for without their names; of hundreds of names there is an archive for each part.
  const urls = archiveUrls(whole ? null : selected.map(({ name }) => name));
  return (
    <div class="selection">
      <label class="tick">
        <input
          type="checkbox"
          id="select-all"
          checked={whole}
          onChange={(event) => onSelectAll(event.currentTarget.checked)}
        />
        {selected.length === 0 ? t.files.selectAll : t.files.selected(selected.length)}
      </label>
      {selected.length > 0 && (
        <>
          {urls.map((url, i) => (
            <a key={url} class="button" href={url} download={archiveName(i, urls.length)}>
              <DownloadIcon />
              {urls.length === 1
                ? t.files.downloadMany(totalSize(selected))
                : t.files.downloadPart(i + 1, urls.length)}
            </a>
          ))}
          <button type="button" onClick={() => setConverting(true)}>
            {t.convert.button}
          </button>
        </>
      )}
      {converting && <ConvertDialog recordings={selected} onClose={() => setConverting(false)} />}
    </div>
  );
}

function archiveName(index: number, count: number): string {
  return count === 1 ? 'recordings.tar' : `recordings-${index + 1}.tar`;
}
