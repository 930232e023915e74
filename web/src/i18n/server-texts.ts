import type { Config } from '../../../src/config/schema.js';
import type { ErrorCode } from '../../../src/errors.js';

/** Paths of all values, such as `camera.fps`. */
type FieldPath<T> = {
  [K in keyof T & string]: T[K] extends readonly unknown[] | string | number | boolean
    ? K
    : `${K}.${FieldPath<T[K]>}`;
}[keyof T & string];

/** Paths of all sections, such as `camera`. */
type SectionPath<T> = {
  [K in keyof T & string]: T[K] extends readonly unknown[] | string | number | boolean
    ? never
    : K | `${K}.${SectionPath<T[K]>}`;
}[keyof T & string];

/**
 * What the server says in English, in another language. A setting or an error that has no text here
 * does not compile. The details of an error, which name values and files, stay as they come.
 */
export interface ServerTexts {
  sections: Record<SectionPath<Config>, string>;
  fields: Record<FieldPath<Config>, { title: string; description: string }>;
  /** Titles of errors. */
  problems: Record<ErrorCode, string>;
  /** Values of the status that are words of the server's. */
  words: Record<string, string>;
}
