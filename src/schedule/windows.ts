import { Temporal } from 'temporal-polyfill';
import { parseDuration } from '../config/duration.js';
import { weekdays, type Entry } from './schema.js';

/** When an entry wants to be recorded: from the first instant on, before the second. UTC in ms. */
export interface Window {
  id: string;
  startMs: number;
  endMs: number;
}

/** Every entry that is enabled begins at least once in so many days, whatever its weekdays. */
const daysAhead = 8;

/**
 * The windows that end after `fromMs`, day by day and in order of their starts; of one instant, in
 * the order of the entries. Goes on for as long as it takes to see each entry begin once.
 */
export function* windowsFrom(entries: Entry[], zone: string, fromMs: number): Generator<Window> {
  const today = Temporal.Instant.fromEpochMilliseconds(fromMs)
    .toZonedDateTimeISO(zone)
    .toPlainDate();
  // One that began yesterday may go on until today; and clocks that skip midnight shift it.
  for (let day = -1; day <= daysAhead; day++) {
    const date = today.add({ days: day });
    yield* entries
      .flatMap((entry) => (entry.enabled ? windowsOn(date, entry, zone) : []))
      .filter(({ id, startMs, endMs }) => endMs > fromMs && !isSkipped(entries, id, startMs))
      .sort((a, b) => a.startMs - b.startMs);
  }
}

/**
 * The windows of an entry that begin on a day. A time that the clocks skip that day counts as that
 * much later (02:30 as 03:30), one that they show twice as the first; where that leaves no time
 * between start and end the window is moved as a whole. Repetitions count from the start in elapsed
 * time.
 */
export function windowsOn(date: Temporal.PlainDate, entry: Entry, zone: string): Window[] {
  const { id, days, repeat } = entry;
  const weekday = weekdays[date.dayOfWeek - 1];
  if (weekday === undefined || !days.includes(weekday)) return [];
  const from = date.toPlainDateTime(Temporal.PlainTime.from(entry.from));
  const sameDay = date.toPlainDateTime(Temporal.PlainTime.from(entry.to));
  const to = Temporal.PlainDateTime.compare(sameDay, from) > 0 ? sameDay : sameDay.add({ days: 1 });
  const startMs = from.toZonedDateTime(zone).epochMilliseconds;
  const toMs = to.toZonedDateTime(zone).epochMilliseconds;
  const endMs = toMs > startMs ? toMs : startMs + from.until(to).total('milliseconds');
  if (repeat === null) return [{ id, startMs, endMs }];
  const everyMs = parseDuration(repeat.every) ?? Infinity;
  const forMs = parseDuration(repeat.for) ?? Infinity;
  const windows: Window[] = [];
  for (let at = startMs; at < endMs; at += everyMs) {
    windows.push({ id, startMs: at, endMs: Math.min(at + forMs, endMs) });
  }
  return windows;
}

function isSkipped(entries: Entry[], id: string, startMs: number): boolean {
  const skipUntil = entries.find((entry) => entry.id === id)?.skipUntil ?? null;
  return skipUntil !== null && startMs < skipUntil / 1000;
}
