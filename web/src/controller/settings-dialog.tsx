import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api';
import { Modal } from '../components/modal';
import { t } from '../i18n';
import type { JsonObject } from '../types';
import { attempt, giveCommand } from './actions';
import { targets, useFleet } from './fleet-store';

/** What makes recordings alike; the rest is each monitor's own. */
const sections = ['camera', 'preview', 'encoder', 'recording'];

interface Difference {
  id: string;
  name: string;
  changes: { field: string; from: unknown; to: unknown }[];
  problem: { detail: string } | null;
}

/** Settings of one monitor for others; what would change is shown before anything is. */
export function SettingsDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const tiles = useFleet((state) => state.tiles);
  const [settings, setSettings] = useState<JsonObject | null>(null);
  const [differences, setDifferences] = useState<Difference[]>([]);
  const choose = (id: string): void => {
    void attempt(async () => {
      const config = await call<JsonObject>('GET', `/monitors/${id}/api/config`);
      const wanted = Object.fromEntries(sections.map((section) => [section, config[section]]));
      const body = { targets: targets(), settings: wanted };
      setDifferences((await call<{ items: Difference[] }>('POST', '/differences', body)).items);
      setSettings(wanted);
    });
  };
  const changed = differences.filter(({ changes, problem }) => changes.length > 0 || problem);
  return (
    <Modal title={t.controller.settings} onClose={onClose}>
      <label>
        {t.controller.source}
        <select id="source" onChange={(event) => choose(event.currentTarget.value)}>
          <option value="" />
          {[...tiles.values()].map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {settings && (
        <>
          <h3>{t.controller.difference}</h3>
          {changed.length === 0 && <p>{t.controller.noDifference}</p>}
          <ul class="reasons" id="differences">
            {changed.map(({ id, name, changes, problem }) => (
              <li key={id} class={problem ? 'problem' : ''}>
                {name}: {problem?.detail}
                {changes
                  .map(({ field, from, to }) => `${field} ${String(from)} → ${String(to)}`)
                  .join(', ')}
              </li>
            ))}
          </ul>
        </>
      )}
      <div class="answers">
        <button type="button" onClick={onClose}>
          {t.controller.cancel}
        </button>
        <button
          type="button"
          class="strong"
          disabled={settings === null || changed.length === 0}
          onClick={() => {
            void giveCommand('settings', { settings });
            onClose();
          }}
        >
          {t.controller.push}
        </button>
      </div>
    </Modal>
  );
}
