import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Modal } from '../components/modal';
import { t } from '../i18n';
import type { ConversionKind } from '../types';
import { giveCommand } from './actions';
import { Concerned } from './concerned';
import { fleet, targets } from './fleet-store';

/** The commands that are asked about first, and what is asked besides. */
export const askedCommands = [
  'stop',
  'convert',
  'start-streaming',
  'stop-streaming',
  'set-clock',
  'restart',
  'reboot',
  'shutdown',
] as const;
export type AskedCommand = (typeof askedCommands)[number];

const ends: readonly AskedCommand[] = ['restart', 'reboot', 'shutdown'];
const conversions = [
  'mp4',
  'constant-rate',
  'smaller',
  'time-lapse',
] as const satisfies ConversionKind[];

interface CommandDialogProps {
  command: AskedCommand;
  onClose: () => void;
}

/** Says which monitors a command is about before it is given. */
export function CommandDialog({ command, onClose }: CommandDialogProps): JSX.Element {
  const [ids] = useState(targets);
  const [kind, setKind] = useState<ConversionKind>('mp4');
  const [whileRecording, setWhileRecording] = useState(false);
  const records = [...fleet.get().tiles.values()].some(
    ({ id, recording }) => ids.includes(id) && recording !== null,
  );
  const give = (): void => {
    void giveCommand(command, argsOf(command, kind, whileRecording), ids);
    onClose();
  };
  return (
    <Modal title={t.controller.ask[command]} onClose={onClose}>
      <Concerned ids={ids} />
      {command === 'shutdown' && <p class="problem">{t.controller.staysOff}</p>}
      {command === 'convert' && (
        <label>
          {t.convert.kind}
          <select
            id="kind"
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value as ConversionKind)}
          >
            {conversions.map((one) => (
              <option key={one} value={one}>
                {t.convert.kinds[one].title}
              </option>
            ))}
          </select>
        </label>
      )}
      {ends.includes(command) && records && (
        <label class="tick">
          <input
            type="checkbox"
            checked={whileRecording}
            onChange={(event) => setWhileRecording(event.currentTarget.checked)}
          />
          {t.controller.whileRecording}
        </label>
      )}
      <div class="answers">
        <button type="button" onClick={onClose}>
          {t.controller.cancel}
        </button>
        <button type="button" class="strong" onClick={give}>
          {t.controller.commands[command]}
        </button>
      </div>
    </Modal>
  );
}

function argsOf(command: AskedCommand, kind: ConversionKind, whileRecording: boolean): object {
  if (command === 'convert') return { kind };
  return ends.includes(command) ? { confirm: true, whileRecording } : {};
}
