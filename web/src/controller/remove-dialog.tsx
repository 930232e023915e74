import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Modal } from '../components/modal';
import { count } from '../format';
import { t } from '../i18n';
import { giveCommand } from './actions';
import { targets } from './fleet-store';
import { RecordingChoice, type Chosen } from './recording-choice';

/** Removes recordings at the monitors: each is chosen, and that they are gone for good is ticked. */
export function RemoveDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [ids] = useState(targets);
  const [chosen, setChosen] = useState<Chosen>({});
  const [sure, setSure] = useState(false);
  const many = Object.values(chosen).flat().length;
  return (
    <Modal title={t.controller.commands.remove} onClose={onClose}>
      <RecordingChoice
        ids={ids}
        chosen={chosen}
        onChoose={(next) => {
          setChosen(next);
          setSure(false); // what was agreed to was another choice
        }}
      />
      <label class="tick">
        <input
          type="checkbox"
          id="sure"
          checked={sure}
          disabled={many === 0}
          onChange={(event) => setSure(event.currentTarget.checked)}
        />
        <strong>{t.controller.forGood(count(many))}</strong>
      </label>
      <div class="answers">
        <button type="button" onClick={onClose}>
          {t.controller.cancel}
        </button>
        <button
          type="button"
          class="strong"
          disabled={!sure || many === 0}
          onClick={() => {
            const at = Object.keys(chosen);
            void giveCommand('remove', { recordings: chosen, confirm: true }, at);
            onClose();
          }}
        >
          {t.controller.commands.remove} ({count(many)})
        </button>
      </div>
    </Modal>
  );
}
