import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api';
import { Modal } from '../components/modal';
import { t } from '../i18n';
import { attempt } from './actions';
import type { Tile } from './types';

/** A monitor's name, groups and token here; or it is taken out. */
export function TileDialog({ tile, onClose }: { tile: Tile; onClose: () => void }): JSX.Element {
  const [name, setName] = useState(tile.name);
  const [groups, setGroups] = useState(tile.groups.join(', '));
  const [token, setToken] = useState('');
  const path = `/monitors/${encodeURIComponent(tile.id)}`;
  const act = (deed: () => Promise<unknown>): void => {
    void attempt(deed);
    onClose();
  };
  const save = (): Promise<unknown> =>
    call('PATCH', path, {
      ...(name !== tile.name && { name: name === '' ? null : name }),
      groups: groups
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
      ...(token !== '' && { token }),
    });
  return (
    <Modal title={tile.name} onClose={onClose}>
      <div class="tile-fields">
        <label>
          {t.controller.name}
          <input value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          {t.controller.groups}
          <input
            class="groups"
            value={groups}
            placeholder={t.controller.groupsHint}
            onInput={(event) => setGroups(event.currentTarget.value)}
          />
        </label>
        <label>
          {t.controller.token}
          <input
            value={token}
            autocomplete="off"
            placeholder={t.controller.tokenHint}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
      </div>
      <div class="answers">
        <button type="button" onClick={() => act(() => call('DELETE', path))}>
          {t.controller.remove}
        </button>
        <button type="button" onClick={onClose}>
          {t.controller.cancel}
        </button>
        <button type="button" class="strong save" onClick={() => act(save)}>
          {t.controller.save}
        </button>
      </div>
    </Modal>
  );
}
