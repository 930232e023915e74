import type { JSX } from 'preact';
import { count } from '../format';
import { t } from '../i18n';
import { fleet, useFleet } from './fleet-store';
import type { Outcome } from './types';

/** What came of the last command: never less than each that it was not done at. */
export function CommandReport(): JSX.Element | null {
  const command = useFleet((state) => state.command);
  if (command === null) return null;
  const notDone = command.monitors.filter(({ state }) => state !== 'done' && state !== 'pending');
  return (
    <section class="panel report" id="report" data-state={command.state} role="status">
      <h2>
        {t.controller.commands[command.command]}: {summary(command.monitors)}
      </h2>
      {notDone.length > 0 && (
        <ul>
          {notDone.map(({ id, name, state, detail }) => (
            <li key={id} class="problem">
              {name}: {t.controller.outcomes[state]}. {detail}
            </li>
          ))}
        </ul>
      )}
      <button type="button" onClick={() => fleet.update({ command: null })}>
        {t.close}
      </button>
    </section>
  );
}

function summary(outcomes: Outcome[]): string {
  const states = ['done', 'refused', 'unreachable', 'pending'] as const;
  return states
    .map((state) => ({ state, of: outcomes.filter((one) => one.state === state).length }))
    .filter(({ of }) => of > 0)
    .map(({ state, of }) => `${count(of)} ${t.controller.outcomes[state]}`)
    .join(', ');
}
