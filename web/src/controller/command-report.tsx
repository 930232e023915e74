import type { JSX } from 'preact';
import { count } from '../format';
import { t } from '../i18n';
import { retryCommand } from './actions';
import { fleet, nameOf, useFleet } from './fleet-store';
import type { Outcome } from './types';

/** What came of the last command at each monitor; first those at which it was not done. */
export function CommandReport(): JSX.Element | null {
  const command = useFleet((state) => state.command);
  if (command === null) return null;
  const { id, monitors, again } = command;
  const failed = monitors.filter(({ state }) => state === 'refused' || state === 'unreachable');
  const done = monitors.filter(({ state }) => state === 'done');
  return (
    <section class="panel report" id="report" data-state={command.state}>
      <h2 role="status">
        {t.controller.commands[command.command]}: {summary(monitors)}
      </h2>
      {failed.length > 0 && (
        <ul class="failed">
          {failed.map((one) => (
            <li key={one.id} class="problem">
              {nameOf(one.id)}: {t.controller.outcomes[one.state]}. {one.detail}
              {one.state === 'unreachable' && ` ${t.controller.notKnown}`}
            </li>
          ))}
        </ul>
      )}
      {done.length > 0 && (
        <details>
          <summary>{t.controller.doneAt(count(done.length))}</summary>
          <ul>
            {done.map((one) => (
              <li key={one.id}>{nameOf(one.id)}</li>
            ))}
          </ul>
        </details>
      )}
      <div class="answers">
        {failed.length > 0 && command.state === 'ended' && again !== 'never' && (
          <button type="button" id="retry" onClick={() => void retryCommand(id)}>
            {t.controller.retry(count(failed.length))}
          </button>
        )}
        <button type="button" onClick={() => fleet.update({ command: null })}>
          {t.close}
        </button>
      </div>
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
