import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Modal } from '../components/modal';
import { t } from '../i18n';
import { changeGroup } from './actions';
import { Concerned } from './concerned';
import { groupsOf, targets, useFleet } from './fleet-store';

/** Puts monitors into a group, a new one too, or takes them out of one. */
export function GroupDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [ids] = useState(targets);
  const [group, setGroup] = useState('');
  const groups = groupsOf(useFleet((state) => state)).map(([name]) => name);
  const name = group.trim();
  const change = (member: boolean): void => {
    void changeGroup(ids, name, member);
    onClose();
  };
  return (
    <Modal title={t.controller.groups} onClose={onClose}>
      <Concerned ids={ids} />
      <label>
        {t.controller.group}
        <input
          id="group"
          list="groups"
          value={group}
          autocomplete="off"
          maxLength={40}
          placeholder={t.controller.groupHint}
          onInput={(event) => setGroup(event.currentTarget.value)}
        />
      </label>
      <datalist id="groups">
        {groups.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <div class="answers">
        <button type="button" onClick={onClose}>
          {t.controller.cancel}
        </button>
        <button type="button" disabled={!groups.includes(name)} onClick={() => change(false)}>
          {t.controller.takeOut}
        </button>
        <button
          type="button"
          id="put-in"
          class="strong"
          disabled={name === ''}
          onClick={() => change(true)}
        >
          {t.controller.putIn}
        </button>
      </div>
    </Modal>
  );
}
