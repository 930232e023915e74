import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { count, decimal, localTime } from '../format';
import { t } from '../i18n';
import { useFleet } from './fleet-store';
import type { Run } from './types';

/** At first; the others follow at a wish. */
const shown = 3;

/** The last common starts, with how well they went. */
export function RunReports(): JSX.Element | null {
  const runs = useFleet((state) => state.runs);
  const [all, setAll] = useState(false);
  if (runs.length === 0) return null;
  return (
    <section class="panel report" id="runs" aria-labelledby="runs-title">
      <h2 id="runs-title">{t.controller.runs}</h2>
      <ul>
        {runs.slice(0, all ? undefined : shown).map((run) => (
          <Report key={run.id} run={run} />
        ))}
      </ul>
      {runs.length > shown && (
        <button type="button" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t.controller.fewer : t.controller.showAll(count(runs.length))}
        </button>
      )}
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
      <FirstFrames run={run} />
    </li>
  );
}

/** When each monitor's first frame came after the earliest, and in which recording it is. */
function FirstFrames({ run }: { run: Run }): JSX.Element | null {
  const begun = run.monitors.filter(({ firstFrameWallUs }) => firstFrameWallUs !== null);
  if (begun.length === 0) return null;
  const earliest = Math.min(...begun.map(({ firstFrameWallUs }) => firstFrameWallUs ?? 0));
  return (
    <details>
      <summary>{t.controller.firstFrames(count(begun.length))}</summary>
      <ul>
        {begun.map(({ id, name, firstFrameWallUs, uncertaintyUs, recording }) => (
          <li key={id}>
            {name}: +{decimal(((firstFrameWallUs ?? 0) - earliest) / 1000, 1)} ±{' '}
            {decimal((uncertaintyUs ?? 0) / 1000, 1)} ms <small>{recording}</small>
          </li>
        ))}
      </ul>
    </details>
  );
}
