import type { JSX } from 'preact';
import { localTime } from '../format';
import { t } from '../i18n';
import { problemTitle } from '../i18n/server';
import { useSchedule } from '../schedule-client';
import type { ScheduleClient } from '../schedule-client';
import type { ScheduleEntry, ScheduleView } from '../types';
import { ScheduleForm, weekdayName } from './schedule-form';

/** What is recorded by itself, and what comes next; closed until somebody wants to see it. */
export function Schedule(): JSX.Element | null {
  const client = useSchedule();
  const { view, problem } = client;
  if (view === null) return null;
  return (
    <section class="panel" aria-label={t.schedule.title}>
      <details id="schedule">
        <summary>
          <h2>{t.schedule.title}</h2>
          <span class="quiet">{summary(view)}</span>
        </summary>
        <ul>
          {view.items.map((entry) => (
            <Entry key={entry.id} entry={entry} client={client} />
          ))}
        </ul>
        <ScheduleForm onAdd={client.add} />
        {problem && (
          <p class="problem" role="alert">
            {problemTitle(problem)}. {problem.detail}
          </p>
        )}
        <Zone timeZone={view.timeZone} client={client} />
        <p class="hint">{t.schedule.rules}</p>
      </details>
    </section>
  );
}

function summary({ items, upcoming: [next] }: ScheduleView): string {
  if (items.length === 0) return t.schedule.none;
  if (next === undefined) return t.schedule.nothingNext;
  if (next.startWallUs <= Date.now() * 1000) {
    return t.schedule.now(next.title, localTime(next.endWallUs));
  }
  return t.schedule.next(next.title, localTime(next.startWallUs));
}

function Entry({ entry, client }: { entry: ScheduleEntry; client: ScheduleClient }): JSX.Element {
  const { id, title, enabled, skipUntil } = entry;
  const skipped = skipUntil !== null && skipUntil > Date.now() * 1000;
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={enabled}
          onChange={() => void client.change(id, { enabled: !enabled })}
        />
        <span>
          {title}
          <small>{timesOf(entry)}</small>
        </span>
      </label>
      <button
        type="button"
        aria-label={t.schedule.removeNamed(title)}
        onClick={() => void client.remove(id)}
      >
        {t.schedule.remove}
      </button>
      {skipped && (
        <p class="hint">
          {t.schedule.skipped(localTime(skipUntil))}{' '}
          <button type="button" onClick={() => void client.change(id, { skipUntil: null })}>
            {t.schedule.goOn}
          </button>
        </p>
      )}
    </li>
  );
}

function timesOf({ days, from, to, repeat }: ScheduleEntry): string {
  const when = days.length === 7 ? t.schedule.daily : days.map(weekdayName).join(', ');
  const times = `${when}, ${from}–${to}`;
  return repeat === null ? times : `${times}, ${t.schedule.repeated(repeat.for, repeat.every)}`;
}

/** A monitor without a network often has no zone of its own; the phone in the hand knows it. */
function Zone({ timeZone, client }: { timeZone: string; client: ScheduleClient }): JSX.Element {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <p class="hint">
      {t.schedule.zone(timeZone)}{' '}
      {here !== timeZone && (
        <button type="button" onClick={() => void client.setTimeZone(here)}>
          {t.schedule.useZone(here)}
        </button>
      )}
    </p>
  );
}
