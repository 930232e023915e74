import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api';
import { Modal } from '../components/modal';
import { t } from '../i18n';
import { attempt } from './actions';
import { PairForm } from './pair-form';
import type { Tile } from './types';

/** A monitor's name, groups, address and token here; or it is taken out. */
export function TileDialog({ tile, onClose }: { tile: Tile; onClose: () => void }): JSX.Element {
  const [name, setName] = useState(tile.name);
  const [groups, setGroups] = useState(tile.groups.join(', '));
  const [address, setAddress] = useState(tile.address);
  const [token, setToken] = useState('');
  const [leaves, setLeaves] = useState(false);
  const path = `/monitors/${encodeURIComponent(tile.id)}`;
  const act = (deed: () => Promise<unknown>): void => {
    void attempt(deed);
    onClose();
  };
  const save = (): Promise<unknown> =>
    call('PATCH', path, {
      ...(name !== tile.name && { name: name === '' ? null : name }),
      ...(address !== tile.address && { address }),
      groups: groups
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
      ...(token !== '' && { token }),
    });
  return (
    <Modal title={tile.name} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          act(save);
        }}
      >
        <div class="tile-fields">
          <Text class="name" label={t.controller.name} value={name} onText={setName} />
          <Text
            class="groups"
            label={t.controller.groups}
            value={groups}
            hint={t.controller.groupsHint}
            onText={setGroups}
          />
          <Text
            class="address"
            label={t.controller.addressNow}
            value={address}
            onText={setAddress}
          />
          <Text
            class="token"
            label={t.controller.token}
            value={token}
            hint={t.controller.tokenHint}
            onText={setToken}
          />
        </div>
        <label class="tick">
          <input
            type="checkbox"
            checked={leaves}
            onChange={(event) => setLeaves(event.currentTarget.checked)}
          />
          {t.controller.leaves}
        </label>
        <div class="answers">
          <button type="button" onClick={onClose}>
            {t.controller.cancel}
          </button>
          {leaves ? (
            <button
              type="button"
              class="strong leave"
              onClick={() => act(() => call('DELETE', path))}
            >
              {t.controller.remove}
            </button>
          ) : (
            <button type="submit" class="strong save">
              {t.controller.save}
            </button>
          )}
        </div>
      </form>
      <PairForm id={tile.id} />
    </Modal>
  );
}

interface TextProps {
  class: string;
  label: string;
  value: string;
  hint?: string;
  onText: (value: string) => void;
}

function Text({ class: className, label, value, hint, onText }: TextProps): JSX.Element {
  return (
    <label>
      {label}
      <input
        class={className}
        value={value}
        autocomplete="off"
        placeholder={hint}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </label>
  );
}
