import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api';
import { ControlField } from '../components/control-field';
import { Modal } from '../components/modal';
import { t } from '../i18n';
import type { ControlInfo, ControlValue } from '../types';
import { attempt, giveCommand } from './actions';
import { Concerned } from './concerned';
import { changesAny, Differences, useDifferences } from './differences';
import { fleet, nameOf, targets } from './fleet-store';

/** The cameras' controls, as one of the monitors offers them; only what is changed here is set. */
export function ControlsDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [ids] = useState(targets);
  const [controls, setControls] = useState<ControlInfo[]>([]);
  const [changes, setChanges] = useState<Record<string, ControlValue>>({});
  const changed = Object.keys(changes).length > 0;
  const differences = useDifferences(ids, changed ? { controls: changes } : null);
  const model = [...fleet.get().tiles.values()].find(
    ({ id, reachable }) => reachable && ids.includes(id),
  )?.id;
  useEffect(() => {
    if (model === undefined) return;
    void attempt(async () => {
      const path = `/monitors/${encodeURIComponent(model)}/api/controls`;
      setControls((await call<{ items: ControlInfo[] }>('GET', path)).items);
    });
  }, []);
  return (
    <Modal title={t.controller.commands.controls} onClose={onClose}>
      <Concerned ids={ids} />
      {model !== undefined && <p class="quiet">{t.controller.controlsOf(nameOf(model))}</p>}
      {model === undefined && <p class="problem">{t.controller.noneReachable}</p>}
      <div class="controls-list">
        {controls.map((control) => (
          <ControlField
            key={control.id}
            control={control}
            problem={null}
            onChange={(value) => setChanges((before) => ({ ...before, [control.id]: value }))}
          />
        ))}
      </div>
      {differences && <Differences items={differences} />}
      <div class="answers">
        <button type="button" onClick={onClose}>
          {t.controller.cancel}
        </button>
        <button
          type="button"
          class="strong"
          disabled={!changesAny(differences)}
          onClick={() => {
            void giveCommand('controls', { controls: changes }, ids);
            onClose();
          }}
        >
          {t.controller.push}
        </button>
      </div>
    </Modal>
  );
}
