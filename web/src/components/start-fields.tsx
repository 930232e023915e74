import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api';
import type { Problem } from '../api';
import { t } from '../i18n';
import { valueAt } from '../schema';
import { store } from '../state';
import { useStore } from '../store';

export const startFields = ['name', 'duration'];

/** What may be said before a recording; where both stay empty, what is configured holds. */
export function StartFields({ problem }: { problem: Problem | null }): JSX.Element {
  const config = useConfig();
  const configured = (path: string): string | null => {
    const value = valueAt(config, path);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const complaint = (field: string): JSX.Element | null =>
    problem?.field === field ? (
      <small id={`${field}-problem`} class="problem" role="alert">
        {problem.detail}
      </small>
    ) : null;
  return (
    <div class="start-fields">
      <label>
        {t.record.name}
        <input
          name="name"
          autocomplete="off"
          placeholder={configured('recording.nameTemplate') ?? t.record.namePlaceholder}
          aria-invalid={problem?.field === 'name'}
          aria-describedby="name-problem"
        />
        {complaint('name')}
      </label>
      <label>
        {t.record.duration}
        <input
          name="duration"
          autocomplete="off"
          placeholder={configured('recording.duration') ?? t.record.durationPlaceholder}
          title="90s, 15m, 2h"
          aria-invalid={problem?.field === 'duration'}
          aria-describedby="duration-problem"
        />
        {complaint('duration')}
      </label>
    </div>
  );
}

/** The configuration, asked for again when the settings open or close and when the monitor is back. */
function useConfig(): unknown {
  const [config, setConfig] = useState<unknown>({});
  const settingsOpen = useStore(store, (state) => state.settingsOpen);
  const reachable = useStore(store, (state) => state.reachable);
  useEffect(() => {
    // Without an answer the last one stays: that the monitor is silent is said elsewhere.
    if (reachable) call<unknown>('GET', '/config').then(setConfig, () => undefined);
  }, [settingsOpen, reachable]);
  return config;
}
