import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
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
        <h2 id="files-title">Recordings</h2>
        <label class="tick">
          <input
            type="checkbox"
            id="allow-removal"
            checked={removable}
            onChange={(event) => setRemovable(event.currentTarget.checked)}
          />
          Allow removal
        </label>
      </div>
      {removable && <p class="caution">What is removed is gone for good: there is no bin.</p>}
      {recordings.length === 0 && <p class="quiet">None yet.</p>}
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
