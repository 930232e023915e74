import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { addMonitor, lookForMonitors, type Sighting } from './actions';

export function AddMonitor(): JSX.Element {
  const [address, setAddress] = useState('');
  const [found, setFound] = useState<Sighting[] | null>(null);
  return (
    <form
      class="panel add-monitor"
      onSubmit={(event) => {
        event.preventDefault();
        void addMonitor(address);
        setAddress('');
      }}
    >
      <label>
        {t.controller.address}
        <input
          id="address"
          value={address}
          placeholder={t.controller.addressHint}
          required
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
      </label>
      <button type="submit">{t.controller.add}</button>
      <button
        type="button"
        id="look"
        onClick={() => void lookForMonitors().then((all) => setFound(all))}
      >
        {t.controller.look}
      </button>
      {found && (
        <ul id="found" aria-label={t.controller.found}>
          {found.length === 0 && <li>{t.controller.noneFound}</li>}
          {found.map((one) => (
            <li key={one.id}>
              {one.name} ({one.address}){' '}
              {!one.known && (
                <button type="button" onClick={() => void addMonitor(one.address)}>
                  {t.controller.add}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
