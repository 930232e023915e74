import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { addMonitor } from './actions';

export function AddMonitor(): JSX.Element {
  const [address, setAddress] = useState('');
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
    </form>
  );
}
