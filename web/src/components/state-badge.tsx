import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { store } from '../state';
import { useStore } from '../store';
import type { MonitorState } from '../types';

/** `connecting` and `unreachable` are this page's own words for what it cannot know. */
export function useShownState(): MonitorState | 'connecting' | 'unreachable' {
  return useStore(store, ({ reachable, status }) => {
    if (reachable === false) return 'unreachable';
    return status?.state ?? 'connecting';
  });
}

/** The state in one or two words; it is also announced to screen readers. */
export function StateBadge(): JSX.Element {
  const state = useShownState();
  const text = t.states[state];
  const host = useStore(store, (state) => state.status?.host ?? location.hostname);
  useEffect(() => {
    // Of many tabs the one that records, or needs someone, is found by its title.
    document.title = `${text} · ${host}`;
  }, [text, host]);
  return (
    <p id="state" class="badge" role="status" data-state={state}>
      {text}
    </p>
  );
}
