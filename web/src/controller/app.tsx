import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { AccessMark } from '../components/access-mark';
import { Login } from '../components/login';
import { count } from '../format';
import { t } from '../i18n';
import { problemTitle } from '../i18n/server';
import { store } from '../state';
import { useStore } from '../store';
import { begin } from './begin';
import { CommandBar } from './command-bar';
import { useFleet } from './fleet-store';
import { needsSomeone } from './order';
import { RehearsalBanner } from './rehearsal-banner';
import { CommandReport } from './command-report';
import { RunReports } from './run-reports';
import { Transfers } from './transfers';
import { ViewBar } from './view-bar';
import { Wall } from './wall';

export function ControllerApp(): JSX.Element {
  const lockedOut = useStore(store, (state) => state.session?.role === null);
  const operates = useStore(store, (state) => state.session?.role !== 'view');
  if (lockedOut) return <Login onSignedIn={() => void begin()} />;
  return (
    <>
      <Head />
      <main class="controller">
        <RehearsalBanner />
        <Problem />
        <ViewBar operates={operates} />
        {operates && <CommandBar />}
        <CommandReport />
        <RunReports />
        <Transfers />
        <Wall operates={operates} />
        <AccessMark />
      </main>
    </>
  );
}

function Head(): JSX.Element {
  const tiles = useFleet((state) => state.tiles);
  const connected = useFleet((state) => state.connected);
  const all = [...tiles.values()];
  const recording = all.filter((one) => one.recording !== null).length;
  const attention = all.filter(needsSomeone).length;
  useEffect(() => {
    document.title = `${t.controller.recordingNow(count(recording))} · ${t.controller.title}`;
  }, [recording]);
  return (
    <header class="bar">
      <h1>{t.controller.title}</h1>
      {connected === false && (
        <p class="badge" data-state="unreachable" role="status">
          {t.controller.offline}
        </p>
      )}
      <p class="badge" id="count">
        {t.controller.monitors(count(all.length))}
      </p>
      {recording > 0 && (
        <p class="badge" data-state="recording" id="recording-count">
          {t.controller.recordingNow(count(recording))}
        </p>
      )}
      {attention > 0 && (
        <p class="badge" data-state="failed" id="attention-count">
          {t.controller.attention(count(attention))}
        </p>
      )}
    </header>
  );
}

function Problem(): JSX.Element | null {
  const problem = useFleet((state) => state.problem);
  if (problem === null) return null;
  return (
    <p class="problem" role="alert">
      {problemTitle(problem)}: {problem.detail}
    </p>
  );
}
