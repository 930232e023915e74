import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { archiveUrl, totalSize } from '../recording-files';
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
  // All are asked for without their names: those of hundreds are too long for an address.
  const url = archiveUrl(whole ? null : selected.map(({ name }) => name));
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
          <a class="button" href={url} download="recordings.tar">
            <DownloadIcon />
            {t.files.downloadMany(totalSize(selected))}
          </a>
          <button type="button" onClick={() => setConverting(true)}>
            {t.convert.button}
          </button>
        </>
      )}
      {converting && <ConvertDialog recordings={selected} onClose={() => setConverting(false)} />}
    </div>
  );
}
