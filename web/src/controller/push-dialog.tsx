import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api';
import { Modal } from '../components/modal';
import { t } from '../i18n';
import type { JsonObject, Preset } from '../types';
import { attempt, giveCommand } from './actions';
import { Concerned } from './concerned';
import { changesAny, Differences, useDifferences, type Push } from './differences';
import { nameOf, targets, useFleet } from './fleet-store';

/** What makes recordings alike; the rest is each monitor's own. */
const sections = ['camera', 'preview', 'encoder', 'recording'];
/** Which camera it is, and what part it has among others. */
const own = ['id', 'sync'];

interface Source {
  settings: JsonObject;
  presets: Preset[];
}

/** Settings or a preset of one monitor for others; what would change is shown before anything is. */
export function PushDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const tiles = useFleet((state) => state.tiles);
  const [ids] = useState(targets);
  const [source, setSource] = useState<Source | null>(null);
  /** The name of a preset; empty: the settings as they are. */
  const [preset, setPreset] = useState('');
  const chosen = source?.presets.find(({ name }) => name === preset);
  const push = source && (chosen ? pushOf(chosen) : { settings: source.settings });
  const differences = useDifferences(ids, push);

  const choose = (id: string): void => {
    setSource(null);
    setPreset('');
    if (id === '') return;
    void attempt(async () => {
      const api = `/monitors/${encodeURIComponent(id)}/api`;
      const [config, presets] = await Promise.all([
        call<JsonObject>('GET', `${api}/config`),
        call<{ items: Preset[] }>('GET', `${api}/presets`),
      ]);
      setSource({ settings: alikeOf(config), presets: presets.items });
    });
  };
  const give = (): void => {
    if (chosen) {
      const { name, config, controls } = chosen;
      void giveCommand('preset', { name, config, controls }, ids);
    } else void giveCommand('settings', { settings: source?.settings }, ids);
    onClose();
  };
  return (
    <Modal title={t.controller.settings} onClose={onClose}>
      <Concerned ids={ids} />
      <div class="run-fields">
        <label>
          {t.controller.source}
          <select id="source" onChange={(event) => choose(event.currentTarget.value)}>
            <option value="">{t.controller.choose}</option>
            {[...tiles.values()]
              .filter(({ reachable }) => reachable)
              .map(({ id }) => (
                <option key={id} value={id}>
                  {nameOf(id)}
                </option>
              ))}
          </select>
        </label>
        <label>
          {t.controller.what}
          <select
            id="preset"
            value={preset}
            disabled={source === null}
            onChange={(event) => setPreset(event.currentTarget.value)}
          >
            <option value="">{t.controller.asTheyAre}</option>
            {source?.presets.map(({ name }) => (
              <option key={name} value={name}>
                {t.controller.preset(name)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {differences && <Differences items={differences} />}
      <div class="answers">
        <button type="button" onClick={onClose}>
          {t.controller.cancel}
        </button>
        <button type="button" class="strong" disabled={!changesAny(differences)} onClick={give}>
          {t.controller.push}
        </button>
      </div>
    </Modal>
  );
}

function alikeOf(config: JsonObject): JsonObject {
  const settings = Object.fromEntries(sections.map((section) => [section, config[section]]));
  const camera = Object.entries(settings['camera'] as JsonObject);
  return { ...settings, camera: Object.fromEntries(camera.filter(([key]) => !own.includes(key))) };
}

function pushOf({ name, config, controls }: Preset): Push {
  return { settings: config, controls, preset: name };
}
