import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Modal } from '../components/modal';
import { count } from '../format';
import { t } from '../i18n';
import { attempt, beginRun, preflight } from './actions';
import { nameOf } from './fleet-store';
import type { Preflight } from './types';

/** Says first who could begin, and why the others could not. */
export function RunDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [name, setName] = useState('');
  const [duration, setDuration] = useState('');
  const [checked, setChecked] = useState<Preflight[] | null>(null);
  const check = (): void => {
    void attempt(async () => setChecked(await preflight(duration)));
  };
  useEffect(check, []);
  const ready = checked?.filter((one) => one.ready).length ?? 0;
  const all = checked?.length ?? 0;
  const begin = (without: boolean): void => {
    void beginRun({ name, duration }, without);
    onClose();
  };
  return (
    <Modal title={t.controller.together} onClose={onClose}>
      <div class="run-fields">
        <label>
          {t.controller.name}
          <input
            value={name}
            placeholder={t.controller.nameHint}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label>
          {t.controller.duration}
          <input
            value={duration}
            placeholder={t.controller.durationHint}
            onInput={(event) => setDuration(event.currentTarget.value)}
            onChange={check}
          />
        </label>
      </div>
      {checked && (
        <p id="preflight" role="status">
          {t.controller.ready(count(ready), count(all))}
        </p>
      )}
      <ul class="reasons">
        {checked?.flatMap((one) =>
          one.checks
            .filter(({ ok }) => !ok)
            .map(({ check: what, detail }) => (
              <li key={`${one.id} ${what}`} class="problem">
                {nameOf(one.id)}: {detail}
              </li>
            )),
        )}
      </ul>
      <div class="answers">
        <button type="button" onClick={onClose}>
          {t.controller.cancel}
        </button>
        <button type="button" onClick={check}>
          {t.controller.check}
        </button>
        {ready > 0 && ready < all && (
          <button type="button" onClick={() => begin(true)}>
            {t.controller.beginWithout}
          </button>
        )}
        <button
          type="button"
          id="begin-run"
          class="strong"
          disabled={all === 0 || ready < all}
          onClick={() => begin(false)}
        >
          {t.controller.begin}
        </button>
      </div>
    </Modal>
  );
}
