import type { JSX } from 'preact';
import { t } from '../i18n';
import { setStreaming, store } from '../state';
import { useStore } from '../store';
import { GearIcon, PlayIcon, StopIcon, WarningIcon } from './icons';
import { StateBadge } from './state-badge';

export function TopBar(): JSX.Element {
  const streaming = useStore(store, (state) => state.streaming);
  const settingsOpen = useStore(store, (state) => state.settingsOpen);
  const host = useStore(store, (state) => state.status?.host ?? location.hostname);
  const errors = useStore(store, (state) => state.notices.length);
  return (
    <header class="bar">
      <button type="button" id="stream-toggle" onClick={() => setStreaming(!streaming)}>
        {streaming ? <StopIcon /> : <PlayIcon />}
        {streaming ? t.bar.stopStream : t.bar.startStream}
      </button>
      <h1>{host}</h1>
      {errors > 0 && (
        <a id="error-count" class="button" href="#error-log" aria-label={t.errors.count(errors)}>
          <WarningIcon />
          {errors}
        </a>
      )}
      <StateBadge />
      <button
        type="button"
        id="settings-toggle"
        class="square"
        aria-label={t.bar.settings}
        aria-expanded={settingsOpen}
        aria-controls="settings"
        onClick={() => store.update({ settingsOpen: !settingsOpen })}
      >
        <GearIcon />
      </button>
    </header>
  );
}
