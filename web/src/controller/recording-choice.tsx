import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api';
import { count } from '../format';
import { t } from '../i18n';
import { totalSize } from '../recording-files';
import type { RecordingItem } from '../types';
import { nameOf } from './fleet-store';

/** Names of recordings by the monitor's id. */
export type Chosen = Record<string, string[]>;

interface Recordings {
  id: string;
  items: RecordingItem[] | null;
}

interface ChoiceProps {
  ids: readonly string[];
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
}

/** The recordings of monitors that have ended, to choose from; whether there is a copy of each is said. */
export function RecordingChoice({ ids, chosen, onChoose }: ChoiceProps): JSX.Element {
  const [lists, setLists] = useState<Recordings[]>([]);
  useEffect(() => {
    void Promise.all(ids.map(recordingsOf)).then(setLists);
  }, []);
  const choose = (id: string, names: string[]): void => {
    const { [id]: _, ...others } = chosen;
    onChoose(names.length === 0 ? others : { ...others, [id]: names });
  };
  if (lists.length === 0) return <p role="status">{t.controller.asking}</p>;
  return (
    <div class="recording-choice">
      {lists.map(({ id, items }) => (
        <OneMonitor
          key={id}
          name={nameOf(id)}
          items={items}
          chosen={chosen[id] ?? []}
          onChoose={(names) => choose(id, names)}
        />
      ))}
    </div>
  );
}

interface OneMonitorProps {
  name: string;
  items: RecordingItem[] | null;
  chosen: string[];
  onChoose: (names: string[]) => void;
}

function OneMonitor({ name, items, chosen, onChoose }: OneMonitorProps): JSX.Element {
  if (items === null) {
    return (
      <p class="problem">
        {name}: {t.controller.outcomes.unreachable}
      </p>
    );
  }
  const all = items.map((one) => one.name);
  return (
    <fieldset>
      <legend>{name}</legend>
      {items.length === 0 && <p class="quiet">{t.files.none}</p>}
      {items.length > 1 && (
        <label class="tick">
          <input
            type="checkbox"
            checked={chosen.length === all.length}
            onChange={(event) => onChoose(event.currentTarget.checked ? all : [])}
          />
          {t.controller.allOf(count(all.length))}
        </label>
      )}
      {items.map((one) => (
        <label class="tick" key={one.name}>
          <input
            type="checkbox"
            checked={chosen.includes(one.name)}
            onChange={(event) =>
              onChoose(
                event.currentTarget.checked
                  ? [...chosen, one.name]
                  : chosen.filter((other) => other !== one.name),
              )
            }
          />
          <span>
            {one.name}{' '}
            <small class={one.transferred ? 'quiet' : 'problem'}>
              {totalSize([one])}, {one.transferred ? t.controller.hasCopy : t.controller.hasNoCopy}
            </small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

async function recordingsOf(id: string): Promise<Recordings> {
  const path = `/monitors/${encodeURIComponent(id)}/api/recordings`;
  const list = await call<{ items: RecordingItem[] }>('GET', path).catch(() => null);
  return { id, items: list?.items.filter(({ state }) => state === 'ended') ?? null };
}
