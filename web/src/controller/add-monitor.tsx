import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Modal } from '../components/modal';
import { t } from '../i18n';
import { addMonitor, lookForMonitors, type Sighting } from './actions';

/** Adds monitors by name, address or range, or those that announce themselves on this network. */
export function AddMonitor({ onClose }: { onClose: () => void }): JSX.Element {
  const [address, setAddress] = useState('');
  const [found, setFound] = useState<Sighting[] | null>(null);
  const [looking, setLooking] = useState(false);
  const look = async (): Promise<void> => {
    setLooking(true);
    setFound(await lookForMonitors());
    setLooking(false);
  };
  const add = async (addresses: string[]): Promise<void> => {
    for (const one of addresses) await addMonitor(one);
    const added = (one: Sighting): boolean => one.known || addresses.includes(one.address);
    setFound((before) => before?.map((one) => ({ ...one, known: added(one) })) ?? null);
  };
  const unknown = found?.filter(({ known }) => !known) ?? [];
  return (
    <Modal title={t.controller.addTitle} onClose={onClose}>
      <form
        class="add-monitor"
        onSubmit={(event) => {
          event.preventDefault();
          void addMonitor(address).then(onClose);
        }}
      >
        <label>
          {t.controller.address}
          <input
            id="address"
            value={address}
            placeholder={t.controller.addressHint}
            autocomplete="off"
            required
            onInput={(event) => setAddress(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="strong">
          {t.controller.add}
        </button>
      </form>
      <section class="found" aria-live="polite">
        <button type="button" id="look" disabled={looking} onClick={() => void look()}>
          {looking ? t.controller.looking : t.controller.look}
        </button>
        {found && (
          <ul id="found" aria-label={t.controller.found}>
            {found.length === 0 && <li>{t.controller.noneFound}</li>}
            {found.map((one) => (
              <li key={one.id}>
                <span>
                  {one.name} <small>{one.address}</small>
                </span>
                {one.known ? (
                  <small>{t.controller.isKnown}</small>
                ) : (
                  <button
                    type="button"
                    aria-label={`${t.controller.add}: ${one.name}`}
                    onClick={() => void add([one.address])}
                  >
                    {t.controller.add}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
        {unknown.length > 1 && (
          <button type="button" onClick={() => void add(unknown.map((one) => one.address))}>
            {t.controller.addAll}
          </button>
        )}
      </section>
      <div class="answers">
        <button type="button" onClick={onClose}>
          {t.close}
        </button>
      </div>
    </Modal>
  );
}
