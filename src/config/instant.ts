const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads UTC in µs since 1970 as a number, or a date and time with its zone, such as
 * `2026-11-22T07:15:00Z` (ISO 8601). Returns µs, or null where it is neither.
 */
export function parseInstant(value: string | number): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null;
  const [, minutes, seconds = ':00', fraction = '', zone] = pattern.exec(value) ?? [];
  if (minutes === undefined || zone === undefined) return null;
  const ms = Date.parse(`${minutes}${seconds}${zone}`);
  return Number.isNaN(ms) ? null : ms * 1000 + Number(fraction.padEnd(6, '0'));
}

export const instantRemedy =
  'Write it as 2026-11-22T07:15:00Z, or with a zone such as +01:00, or in µs since 1970.';
