import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { store } from '../state';
import { useStore } from '../store';
import { RecordingRow } from './recording-row';
import { SelectionBar } from './selection-bar';

export function Recordings(): JSX.Element {
  const recordings = useStore(store, (state) => state.recordings);
  const running = useStore(store, (state) => state.status?.recording?.name ?? null);
  const jobs = useStore(store, (state) => state.jobs);
  const [removable, setRemovable] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const whole = recordings.filter(({ name, stop }) => stop !== null && name !== running);
  const select = (names: string[], on: boolean): void => {
    const others = [...chosen].filter((name) => !names.includes(name));
    setChosen(new Set(on ? [...others, ...names] : others));
  };
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
      {whole.length > 0 && (
        <SelectionBar
          all={whole}
          selected={whole.filter(({ name }) => chosen.has(name))}
          onSelectAll={(on) =>
            select(
              whole.map(({ name }) => name),
              on,
            )
          }
        />
      )}
      <ul id="recordings">
        {recordings.map((recording) => {
          const { name, stop } = recording;
          return (
            <RecordingRow
              key={name}
              recording={recording}
              running={name === running}
              removable={removable && name !== running}
              selected={stop !== null && chosen.has(name)}
              selectable={stop !== null}
              jobs={jobs.filter((job) => job.recording === name && isShown(job))}
              onSelect={(on) => select([name], on)}
            />
          );
        })}
      </ul>
    </section>
  );
}

/** What was done is among the files, what was cancelled needs no word. */
function isShown({ state }: { state: string }): boolean {
  return ['queued', 'running', 'failed'].includes(state);
}
