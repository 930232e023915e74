import { Fragment } from 'preact';
import type { JSX } from 'preact';
import { store } from '../state';
import { useStore } from '../store';
import { followMonitor } from '../monitor-client';
import { AccessMark } from './access-mark';
import { ErrorLog } from './error-log';
import { Login } from './login';
import { Picture } from './picture';
import { Readouts } from './readouts';
import { RecordPanel } from './record-panel';
import { Recordings } from './recordings';
import { Schedule } from './schedule';
import { Settings } from './settings';
import { TopBar } from './top-bar';

export function App(): JSX.Element {
  const settingsOpen = useStore(store, (state) => state.settingsOpen);
  const language = useStore(store, (state) => state.language);
  const lockedOut = useStore(store, (state) => state.session?.role === null);
  if (lockedOut) return <Login key={language} onSignedIn={followMonitor} />;
  return (
    <Fragment key={language}>
      <TopBar />
      <main class={settingsOpen ? 'with-settings' : ''}>
        <Picture />
        <aside class="desk">
          <RecordPanel />
          <AccessMark />
          {settingsOpen && <Settings />}
          <Schedule />
          <Readouts />
        </aside>
        <Recordings />
      </main>
      <ErrorLog />
    </Fragment>
  );
}
