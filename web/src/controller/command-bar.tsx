import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../format';
import { t } from '../i18n';
import { giveCommand } from './actions';
import { askedCommands, CommandDialog, type AskedCommand } from './command-dialog';
import { ControlsDialog } from './controls-dialog';
import { FetchDialog } from './fetch-dialog';
import { fleet, targets, useFleet } from './fleet-store';
import { GroupDialog } from './group-dialog';
import { PushDialog } from './push-dialog';
import { RemoveDialog } from './remove-dialog';
import { RunDialog } from './run-dialog';
import { tellView } from './wall-client';

const dialogs = {
  run: RunDialog,
  fetch: FetchDialog,
  push: PushDialog,
  controls: ControlsDialog,
  groups: GroupDialog,
  remove: RemoveDialog,
};

type Open = keyof typeof dialogs | AskedCommand;

/** What is done with the chosen monitors, or with all that are shown. */
export function CommandBar(): JSX.Element {
  const [open, setOpen] = useState<Open | null>(null);
  const { selected, still } = useFleet((state) => state);
  const ids = targets();
  const meant = count(ids.length);
  const stands = ids.length > 0 && ids.every((id) => still.has(id));
  const close = (): void => setOpen(null);
  const Dialog = open !== null && open in dialogs ? dialogs[open as keyof typeof dialogs] : null;
  const more: [string, string][] = [
    ['controls', t.controller.commands.controls],
    ['groups', t.controller.groups],
    ['pictures', stands ? t.bar.startStream : t.bar.stopStream],
    ...askedCommands
      .filter((name) => name !== 'stop')
      .map((name): [string, string] => [name, t.controller.commands[name]]),
    ['remove', t.controller.commands.remove],
  ];
  return (
    <section class="command-bar" aria-label={t.controller.deeds}>
      <p id="meant">
        {selected.size > 0 ? t.controller.forSelected(meant) : t.controller.forShown(meant)}
      </p>
      <button
        type="button"
        id="start-all"
        class="strong"
        disabled={ids.length === 0}
        onClick={() => void giveCommand('start')}
      >
        {t.controller.record}
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
      <button type="button" id="push" onClick={() => setOpen('push')}>
        {t.controller.settings}
      </button>
      <select
        id="more"
        aria-label={t.controller.more}
        value=""
        onChange={(event) => {
          const { value } = event.currentTarget;
          event.currentTarget.value = '';
          if (value === 'pictures') setStill(ids, !stands);
          else setOpen(value as Open);
        }}
      >
        <option value="">{t.controller.more}</option>
        {more.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      {Dialog && <Dialog onClose={close} />}
      {open !== null && !(open in dialogs) && (
        <CommandDialog command={open as AskedCommand} onClose={close} />
      )}
    </section>
  );
}

/** Pictures of these are no longer asked for, or are again. */
function setStill(ids: readonly string[], stop: boolean): void {
  const others = [...fleet.get().still].filter((id) => !ids.includes(id));
  fleet.update({ still: new Set(stop ? [...others, ...ids] : others) });
  tellView();
}
