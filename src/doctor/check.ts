import type { Machine } from './machine.js';

export type Verdict = 'ok' | 'warn' | 'fail';

/** What a check found: a sentence, and what to do where all is not well. */
export interface Finding {
  state: Verdict;
  detail: string;
  remedy: string | null;
}

/** Looks at one thing. It asks nothing but the machine it is given. */
export interface Check {
  id: string;
  title: string;
  /** After which it is cut off, where that is not the usual time; see `examine`. */
  limitMs?: (machine: Machine) => number;
  /** Null: there is nothing of this kind here. */
  run: (machine: Machine) => Finding | null | Promise<Finding | null>;
}

export function ok(detail: string): Finding {
  return { state: 'ok', detail, remedy: null };
}

/** It can be recorded, but not as well, or not for as long, as one would think. */
export function warn(detail: string, remedy: string): Finding {
  return { state: 'warn', detail, remedy };
}

/** It cannot be recorded as configured. */
export function fail(detail: string, remedy: string): Finding {
  return { state: 'fail', detail, remedy };
}
