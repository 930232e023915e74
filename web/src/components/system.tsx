import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { problemTitle } from '../i18n/server';
import { signOut } from '../session';
import { store } from '../state';
import { useStore } from '../store';
import { actOnSystem, setClock, setStreamingForAll } from '../system';
import type { SystemAction } from '../system';
import { Confirmation } from './confirmation';
import { Group } from './group';
import { Pairing } from './pairing';

const actions: SystemAction[] = ['restart', 'reboot', 'shutdown'];

/** The monitor's clock and power, and who this browser is to it. */
export function System(): JSX.Element {
  const session = useStore(store, (state) => state.session);
  const streams = useStore(store, (state) => state.status?.streaming !== false);
  const [asking, setAsking] = useState<SystemAction | null>(null);
  const [said, setSaid] = useState('');

  const clock = async (): Promise<void> => {
    const result = await setClock();
    if (typeof result === 'number') setSaid(t.system.clockSet(result.toFixed(0)));
    else setSaid(`${problemTitle(result)}. ${result.detail}`);
  };
  const switchStreaming = async (): Promise<void> => {
    const problem = await setStreamingForAll(!streams);
    setSaid(problem ? `${problemTitle(problem)}. ${problem.detail}` : '');
  };
  const act = async (action: SystemAction): Promise<void> => {
    const problem = await actOnSystem(action);
    setSaid(problem ? `${problemTitle(problem)}. ${problem.detail}` : t.system.underWay[action]);
  };
  return (
    <Group id="system" title={t.system.title} class="system">
      {session?.role === 'operate' && (
        <div class="system-actions">
          <button type="button" onClick={() => void clock()}>
            {t.system.setClock}
          </button>
          <button type="button" id="streaming" onClick={() => void switchStreaming()}>
            {streams ? t.system.streamingOff : t.system.streamingOn}
          </button>
          {actions.map((action) => (
            <button key={action} type="button" onClick={() => setAsking(action)}>
              {t.system.actions[action]}
            </button>
          ))}
        </div>
      )}
      {session?.role === 'operate' && <Pairing />}
      {session?.open === false && (
        <button type="button" onClick={() => void signOut()}>
          {t.access.signOut}
        </button>
      )}
      <p role="status">{said}</p>
      {asking && (
        <Confirmation
          title={t.system.questions[asking]}
          yes={t.system.actions[asking]}
          no={t.system.cancel}
          onYes={() => act(asking)}
          onClose={() => setAsking(null)}
        >
          <p>{t.system.consequences[asking]}</p>
        </Confirmation>
      )}
    </Group>
  );
}
