import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api';
import { Modal } from '../components/modal';
import { t } from '../i18n';
import { attempt, beginTransfer } from './actions';
import { Concerned } from './concerned';
import { targets } from './fleet-store';
import { RecordingChoice, type Chosen } from './recording-choice';

/** Which recordings are fetched, and where they go on to. */
export function FetchDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [ids] = useState(targets);
  const [destinations, setDestinations] = useState<string[]>([]);
  const [destination, setDestination] = useState('');
  /** Null: all that are new. */
  const [chosen, setChosen] = useState<Chosen | null>(null);
  useEffect(() => {
    void attempt(async () => {
      setDestinations((await call<{ items: string[] }>('GET', '/destinations')).items);
    });
  }, []);
  const begin = (): void => {
    const on = destination === '' ? {} : { destination };
    const what =
      chosen === null ? { targets: ids } : { targets: Object.keys(chosen), recordings: chosen };
    void beginTransfer({ ...what, ...on });
    onClose();
  };
  return (
    <Modal title={t.controller.fetch} onClose={onClose}>
      <Concerned ids={ids} />
      <fieldset>
        <legend class="unseen">{t.controller.what}</legend>
        <label class="tick">
          <input
            type="radio"
            name="which"
            checked={chosen === null}
            onChange={() => setChosen(null)}
          />
          {t.controller.allNew}
        </label>
        <label class="tick">
          <input
            type="radio"
            name="which"
            id="choose"
            checked={chosen !== null}
            onChange={() => setChosen({})}
          />
          {t.controller.chosen}
        </label>
      </fieldset>
      {chosen !== null && <RecordingChoice ids={ids} chosen={chosen} onChoose={setChosen} />}
      {destinations.length > 0 && (
        <label>
          {t.controller.destination}
          <select
            id="destination"
            value={destination}
            onChange={(event) => setDestination(event.currentTarget.value)}
          >
            <option value="">{t.controller.noDestination}</option>
            {destinations.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <div class="answers">
        <button type="button" onClick={onClose}>
          {t.controller.cancel}
        </button>
        <button
          type="button"
          id="begin-fetch"
          class="strong"
          disabled={chosen !== null && Object.keys(chosen).length === 0}
          onClick={begin}
        >
          {t.controller.fetch}
        </button>
      </div>
    </Modal>
  );
}
