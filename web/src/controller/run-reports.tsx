import type { JSX } from 'preact';
import { decimal, localTime } from '../format';
import { t } from '../i18n';
import { useFleet } from './fleet-store';
import type { Run } from './types';

/** Older ones are in the API. */
const shown = 3;

/** The last common starts, with how well they went. */
export function RunReports(): JSX.Element | null {
  const runs = useFleet((state) => state.runs);
  if (runs.length === 0) return null;
  return (
    <section class="panel report" id="runs">
      <h2>{t.controller.runs}</h2>
      <ul>
        {runs.slice(0, shown).map((run) => (
          <Report key={run.id} run={run} />
        ))}
      </ul>
    </section>
  );
}

function Report({ run }: { run: Run }): JSX.Element {
  const { state, detail, startAtWallUs, spreadUs, uncertaintyUs, monitors } = run;
  const milliseconds = (us: number): string => decimal(us / 1000, 1);
  return (
    <li data-state={state}>
      {startAtWallUs !== null && <time>{localTime(startAtWallUs)} </time>}
      {t.controller.runStates[state]}. {detail}
      {spreadUs !== null && uncertaintyUs !== null && (
        <span> {t.controller.spread(milliseconds(spreadUs), milliseconds(uncertaintyUs))}</span>
      )}
      <ul>
        {monitors
          .filter(({ reason }) => reason !== null)
          .map(({ id, name, reason }) => (
            <li key={id} class="problem">
              {name}: {reason}
            </li>
          ))}
      </ul>
    </li>
  );
}
