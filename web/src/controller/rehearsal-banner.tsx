import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api';
import { t } from '../i18n';
import { attempt } from './actions';
import type { FaultKind, RehearsalView } from './types';

const lookEveryMs = 2000;
const faultLasts = '60s';

/** Says that nothing here is real, where that is so, and lets one make trouble. */
export function RehearsalBanner(): JSX.Element | null {
  const [view, setView] = useState<RehearsalView | null>(null);
  const look = async (): Promise<RehearsalView | null> => {
    const seen = await call<RehearsalView>('GET', '/rehearsal').catch(() => null);
    if (seen !== null) setView(seen);
    return seen;
  };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = async (): Promise<void> => {
      const seen = await look();
      if (seen?.rehearsing !== false) timer = setTimeout(() => void again(), lookEveryMs);
    };
    void again();
    return () => clearTimeout(timer);
  }, []);
  if (view?.rehearsing !== true) return null;
  const told = async (deed: () => Promise<unknown>): Promise<void> => {
    await attempt(deed);
    await look();
  };
  return (
    <section class="panel rehearsal" id="rehearsal" role="status">
      <strong>{t.controller.rehearsal}</strong>
      <ul>
        {view.faults.map(({ monitor, fault }) => (
          <li key={monitor} data-fault={fault}>
            {monitor}: {t.controller.faults[fault]}{' '}
            <button
              type="button"
              onClick={() => void told(() => call('DELETE', `/rehearsal/faults/${monitor}`))}
            >
              {t.controller.endFault}
            </button>
          </li>
        ))}
      </ul>
      <FaultForm monitors={view.monitors} onPlay={(body) => void told(() => playFault(body))} />
    </section>
  );
}

interface Wish {
  monitor: string;
  fault: FaultKind;
}

function playFault(wish: Wish): Promise<unknown> {
  return call('POST', '/rehearsal/faults', { ...wish, for: faultLasts });
}

function FaultForm(props: {
  monitors: readonly string[];
  onPlay: (wish: Wish) => void;
}): JSX.Element {
  const kinds = Object.keys(t.controller.faults) as FaultKind[];
  const [fault, setFault] = useState<FaultKind>('drops');
  const [monitor, setMonitor] = useState(props.monitors[0] ?? '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onPlay({ monitor, fault });
      }}
    >
      <select
        id="fault"
        aria-label={t.controller.fault}
        value={fault}
        onChange={(event) => setFault(event.currentTarget.value as FaultKind)}
      >
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {t.controller.faults[kind]}
          </option>
        ))}
      </select>
      <select
        id="fault-monitor"
        aria-label={t.controller.faultAt}
        value={monitor}
        onChange={(event) => setMonitor(event.currentTarget.value)}
      >
        {props.monitors.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <button type="submit" id="play-fault">
        {t.controller.playFault}
      </button>
    </form>
  );
}
