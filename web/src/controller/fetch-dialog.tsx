import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api';
import { Modal } from '../components/modal';
import { count } from '../format';
import { t } from '../i18n';
import { attempt, beginTransfer } from './actions';
import { targets } from './fleet-store';

export function FetchDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [destinations, setDestinations] = useState<string[]>([]);
  const [destination, setDestination] = useState('');
  useEffect(() => {
    void attempt(async () => {
      setDestinations((await call<{ items: string[] }>('GET', '/destinations')).items);
    });
  }, []);
  return (
    <Modal title={t.controller.fetch} onClose={onClose}>
      <p>{t.controller.sure(count(targets().length))}</p>
      {destinations.length > 0 && (
        <label>
          {t.controller.destination}
          <select
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
          onClick={() => {
            void beginTransfer(destination);
            onClose();
          }}
        >
          {t.controller.fetch}
        </button>
      </div>
    </Modal>
  );
}
