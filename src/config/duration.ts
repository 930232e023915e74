const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longer than this is surely a slip, and it still fits a 32-bit count of seconds. */
const longestMs = 366 * 86_400_000;

/**
 * Reads `90s`, `15m`, `2h`, `inf` or milliseconds as a number.
 * Returns milliseconds, Infinity for `inf`, or null where it is none of these.
 */
export function parseDuration(value: string | number): number | null {
  if (typeof value === 'number') return inRange(value);
  if (value === 'inf') return Infinity;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value);
  if (match === null) return null;
  return inRange(Math.round(Number(match[1]) * (unitMs[match[2] ?? ''] ?? NaN)));
}

function inRange(ms: number): number | null {
  return Number.isInteger(ms) && ms >= 1 && ms <= longestMs ? ms : null;
}

export const durationRemedy = 'Write 90s, 15m, 2h or inf, or milliseconds as a number.';
