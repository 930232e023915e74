import { locale, t } from './i18n';

const minute = 60;
const hour = 3600;

/** `0:07:31`, hours always shown: a recording may run for days. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(whole / hour)}:${two(Math.floor(whole / minute) % 60)}:${two(whole % 60)}`;
}

/** Decimal units, as disks are sold and file managers count. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${decimal(value, digits)} ${units[unit]}`;
}

/** `41.5 h`, `3.2 days`, `25 min`. */
export function longTime(hours: number): string {
  if (hours < 1) return t.units.minutes(decimal(Math.max(0, Math.floor(hours * 60)), 0));
  if (hours < 72) return t.units.hours(decimal(hours, hours < 10 ? 1 : 0));
  return t.units.days(decimal(hours / 24, 1));
}

/** Date and time where the reader is, in the reader's way of writing. */
export function localTime(wallUs: number): string {
  return new Date(wallUs / 1000).toLocaleString(locale, {
    dateStyle: 'medium',
    timeStyle: 'medium',
  });
}

export function timeOfDay(wallUs: number): string {
  return new Date(wallUs / 1000).toLocaleTimeString(locale);
}

export function count(value: number): string {
  return value.toLocaleString(locale);
}

/** With so many digits behind the reader's decimal mark. */
export function decimal(value: number, digits: number): string {
  return value.toLocaleString(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  });
}

/** `ExposureTime` → `Exposure time`. */
export function words(identifier: string): string {
  const spaced = identifier.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** How far a clock is off: `12.3 ± 0.4 ms`, `5.2 s`, and beyond a minute `−365.0 days`. */
export function clockOffset(ms: number, uncertaintyMs: number | null): string {
  const off = Math.abs(ms);
  if (off < 1000) {
    const doubt = uncertaintyMs === null ? '' : ` ± ${decimal(uncertaintyMs, 1)}`;
    return `${decimal(ms, 1)}${doubt} ms`;
  }
  const size =
    off < minute * 1000 ? t.units.seconds(decimal(off / 1000, 1)) : longTime(off / 3.6e6);
  return ms < 0 ? `−${size}` : size;
}

/** How old something shown is: `12 s`, `5 min`. */
export function ageText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 120
    ? t.units.seconds(String(seconds))
    : t.units.minutes(String(Math.floor(seconds / 60)));
}
