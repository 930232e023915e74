import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { store } from '../state';
import { useStore } from '../store';
import { RecordingRow } from './recording-row';

export function Recordings(): JSX.Element {
  const recordings = useStore(store, (state) => state.recordings);
  const running = useStore(store, (state) => state.status?.recording?.name ?? null);
  const [removable, setRemovable] = useState(false);
  return (
    <section class="files" aria-labelledby="files-title">
      <div class="files-head">
        <h2 id="files-title">{t.files.title}</h2>
        <label class="tick">
          <input
            type="checkbox"
            id="allow-removal"
            checked={removable}
            onChange={(event) => setRemovable(event.currentTarget.checked)}
          />
          {t.files.allowRemoval}
        </label>
      </div>
      {removable && <p class="caution">{t.files.caution}</p>}
      {recordings.length === 0 && <p class="quiet">{t.files.none}</p>}
      <ul id="recordings">
        {recordings.map((recording) => (
          <RecordingRow
            key={recording.name}
            recording={recording}
            running={recording.name === running}
            removable={removable && recording.name !== running}
          />
        ))}
      </ul>
    </section>
  );
}
