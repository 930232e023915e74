import type { JSX } from 'preact';
import { localTime, longTime } from '../format';
import { t } from '../i18n';
import { store } from '../state';
import { useStore } from '../store';

/** Less than this and a person should be told before the animal is in the arena. */
const lowDiskHours = 2;

/** How long the disk lasts, at the rate measured, and whether that is enough for what runs. */
export function Forecast(): JSX.Element | null {
  const status = useStore(store, (state) => state.status);
  if (status?.disk.hoursLeft == null) return null;
  const { hoursLeft } = status.disk;
  // The monitor's own clock may be wrong: what is left is counted from here, not from its time.
  const fullUs = (Date.now() + hoursLeft * 3_600_000) * 1000;
  const low = hoursLeft < lowDiskHours;
  return (
    <p id="forecast" class={low ? 'problem' : 'quiet'}>
      {t.record.forecast(longTime(hoursLeft))}
      {hoursLeft < 24 * 30 && ` ${t.record.forecastFull(localTime(fullUs))}`}
    </p>
  );
}
