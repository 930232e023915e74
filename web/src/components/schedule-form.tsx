import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { locale, t } from '../i18n';
import type { ScheduleWish, Weekday } from '../types';

const weekdays: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** `Mon`, as the reader writes it. 2024 began on a Monday. */
export function weekdayName(day: Weekday): string {
  const date = Date.UTC(2024, 0, 1 + weekdays.indexOf(day));
  return new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(date);
}

/** A further entry. Its fields stay as they are where the monitor refuses them. */
export function ScheduleForm({
  onAdd,
}: {
  onAdd: (wish: ScheduleWish) => Promise<boolean>;
}): JSX.Element {
  const [repeated, setRepeated] = useState(false);
  const add = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    if (await onAdd(wishOf(new FormData(form)))) {
      form.reset();
      setRepeated(false);
    }
  };
  return (
    <form class="schedule-form" onSubmit={(event) => void add(event)}>
      <label class="wide">
        {t.schedule.entryTitle}
        <input name="title" required maxLength={60} autocomplete="off" />
      </label>
      <label>
        {t.schedule.from}
        <input name="from" type="time" required defaultValue="07:00" />
      </label>
      <label>
        {t.schedule.to}
        <input name="to" type="time" required defaultValue="19:00" />
      </label>
      <fieldset class="wide days">
        <legend>{t.schedule.days}</legend>
        {weekdays.map((day) => (
          <label key={day}>
            <input type="checkbox" name="days" value={day} defaultChecked />
            {weekdayName(day)}
          </label>
        ))}
      </fieldset>
      <label class="wide tick">
        <input
          type="checkbox"
          name="repeated"
          checked={repeated}
          onChange={() => setRepeated(!repeated)}
        />
        {t.schedule.repeat}
      </label>
      {repeated && (
        <>
          <label>
            {t.schedule.repeatFor}
            <input name="for" required defaultValue="10m" autocomplete="off" />
          </label>
          <label>
            {t.schedule.repeatEvery}
            <input name="every" required defaultValue="1h" autocomplete="off" />
          </label>
        </>
      )}
      <button type="submit" class="wide">
        {t.schedule.add}
      </button>
    </form>
  );
}

function wishOf(entries: FormData): ScheduleWish {
  const text = (name: string): string => {
    const value = entries.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  return {
    title: text('title'),
    from: text('from'),
    to: text('to'),
    days: weekdays.filter((day) => entries.getAll('days').includes(day)),
    repeat: entries.has('repeated') ? { for: text('for'), every: text('every') } : null,
  };
}
