import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Confirmation } from '../components/confirmation';
import { count } from '../format';
import { t } from '../i18n';
import { giveCommand } from './actions';
import { FetchDialog } from './fetch-dialog';
import { targets, useFleet } from './fleet-store';
import { RunDialog } from './run-dialog';
import { SettingsDialog } from './settings-dialog';
import type { CommandName } from './types';

/** Those that are asked about first; what they are given besides. */
const further: [CommandName, object][] = [
  ['convert', { kind: 'mp4' }],
  ['set-clock', {}],
  ['restart', { confirm: true }],
  ['reboot', { confirm: true }],
  ['shutdown', { confirm: true }],
];

type Open = 'run' | 'stop' | 'fetch' | 'settings' | CommandName | null;

/** What is done with the chosen monitors, or with all that are shown. */
export function CommandBar(): JSX.Element {
  const [open, setOpen] = useState<Open>(null);
  useFleet((state) => state); // how many are meant changes with the filter
  const meant = count(targets().length);
  const close = (): void => setOpen(null);
  const chosen = further.find(([name]) => name === open);
  return (
    <div class="command-bar">
      <button type="button" id="start-all" class="strong" onClick={() => void giveCommand('start')}>
        {t.controller.record} ({meant})
      </button>
      <button type="button" id="start-together" onClick={() => setOpen('run')}>
        {t.controller.together}
      </button>
      <button type="button" id="stop-all" onClick={() => setOpen('stop')}>
        {t.controller.stop}
      </button>
      <button type="button" id="fetch" onClick={() => setOpen('fetch')}>
        {t.controller.fetch}
      </button>
      <button type="button" id="copy-settings" onClick={() => setOpen('settings')}>
        {t.controller.settings}
      </button>
      <select
        id="more"
        aria-label={t.controller.more}
        value=""
        onChange={(event) => {
          setOpen(event.currentTarget.value as CommandName);
          event.currentTarget.value = '';
        }}
      >
        <option value="">{t.controller.more}</option>
        {further.map(([name]) => (
          <option key={name} value={name}>
            {t.controller.commands[name]}
          </option>
        ))}
      </select>
      {open === 'run' && <RunDialog onClose={close} />}
      {open === 'fetch' && <FetchDialog onClose={close} />}
      {open === 'settings' && <SettingsDialog onClose={close} />}
      {open === 'stop' && (
        <Confirmation
          title={t.controller.stopSure}
          yes={t.controller.stop}
          no={t.controller.cancel}
          onYes={() => begin('stop')}
          onClose={close}
        >
          <p>{t.controller.sure(meant)}</p>
        </Confirmation>
      )}
      {chosen && (
        <Confirmation
          title={t.controller.commands[chosen[0]]}
          yes={t.controller.commands[chosen[0]]}
          no={t.controller.cancel}
          onYes={() => begin(...chosen)}
          onClose={close}
        >
          <p>{t.controller.sure(meant)}</p>
        </Confirmation>
      )}
    </div>
  );
}

/** The report below tells the rest. */
function begin(command: CommandName, args: object = {}): Promise<void> {
  void giveCommand(command, args);
  return Promise.resolve();
}
