import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api';
import { t } from '../i18n';
import { controlName } from '../i18n/server';
import type { JsonObject } from '../types';
import { attempt } from './actions';
import { nameOf } from './fleet-store';
import type { Difference } from './types';

/** What is pushed: as `POST /differences` takes it. */
export interface Push {
  settings?: JsonObject;
  controls?: JsonObject;
  preset?: string;
}

/** What a push would change at each of these monitors; null until that is known. */
export function useDifferences(ids: readonly string[], push: Push | null): Difference[] | null {
  const [differences, setDifferences] = useState<Difference[] | null>(null);
  const asked = JSON.stringify(push);
  useEffect(() => {
    setDifferences(null);
    if (push === null) return;
    let wanted = true;
    void attempt(async () => {
      const body = { targets: ids, ...push };
      const { items } = await call<{ items: Difference[] }>('POST', '/differences', body);
      if (wanted) setDifferences(items);
    });
    return () => void (wanted = false);
  }, [asked]);
  return differences;
}

/** Whether there is anything to push. */
export function changesAny(differences: Difference[] | null): boolean {
  return differences?.some(({ changes }) => changes.length > 0) === true;
}

export function Differences({ items }: { items: Difference[] }): JSX.Element {
  const changed = items.filter(({ changes, skipped, problem }) => {
    return changes.length > 0 || skipped.length > 0 || problem !== null;
  });
  return (
    <section aria-live="polite">
      <h3>{t.controller.difference}</h3>
      {changed.length === 0 && <p>{t.controller.noDifference}</p>}
      <ul class="reasons" id="differences">
        {changed.map(({ id, changes, skipped, problem }) => (
          <li key={id} class={problem ? 'problem' : ''}>
            <strong>{nameOf(id)}</strong>: {problem?.detail}
            {changes
              .map(({ field, from, to }) => `${field} ${shown(from)} → ${shown(to)}`)
              .join(', ')}
            {skipped.length > 0 && (
              <span class="quiet"> {t.presets.skipped(skipped.map(controlName).join(', '))}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
