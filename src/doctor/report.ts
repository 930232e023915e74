import type { Verdict } from './check.js';
import type { Result } from './examine.js';

const width = 18;

/** One check as a person reads it: a line, and below it what to do. */
export function lineOf({ state, title, detail, remedy }: Result): string {
  const line = `${state.padEnd(6)}${title.padEnd(width)}  ${detail}`;
  return remedy === null ? line : `${line}\n${' '.repeat(6 + width)}→ ${remedy}`;
}

export function conclusion(results: readonly Result[]): string {
  const count = (state: Verdict): number => results.filter((one) => one.state === state).length;
  const [fails, warnings] = [count('fail'), count('warn')];
  if (fails > 0) return `${fails} failed, ${warnings} to look at: it cannot record as configured.`;
  return warnings > 0 ? `It can record; ${warnings} to look at.` : 'All is well.';
}
