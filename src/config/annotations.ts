import { Type, type TUnsafe } from '@sinclair/typebox';

/**
 * What a field's schema says besides its type; the settings page is built from it.
 * - `x-applies`: `live` at once, also to a recording that runs; `next-recording`: from then on;
 *   `restart`: the camera restarts (or, below `server` and for `dataFolder`, the program must be
 *   started again).
 * - `x-remote`: false for what only the file and the command line set.
 * - `unit`: shown behind the value.
 */
export interface Annotations {
  title: string;
  description: string;
  unit?: string;
  'x-applies': 'live' | 'next-recording' | 'restart';
  'x-remote'?: false;
}

/** The keywords above that JSON Schema does not know; the validator must be told of them. */
export const annotationKeywords = ['unit', 'x-applies', 'x-remote'];

/** One of a few strings, as `enum`, which a form can offer as a choice. */
export function choice<const T extends readonly string[]>(
  values: T,
  options: Annotations & { default: T[number] },
): TUnsafe<T[number]> {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options });
}
