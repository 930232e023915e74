import type { Static, TSchema } from '@sinclair/typebox';

/** What a route answers where all goes well, as its description has it. `T` is what a JSON answer holds. */
export interface Answer<T = unknown> {
  /** The first is the usual one. */
  statuses: readonly number[];
  description: string;
  /** Null: there is no body. */
  content: { type: string; schema: TSchema | null } | null;
  /** Carries the type only. */
  readonly holds?: T;
}

/** JSON of this schema. More fields than it names may come. */
export function answersJson<S extends TSchema>(
  schema: S,
  description: string,
  status = 200,
): Answer<Static<S>> {
  return { statuses: [status], description, content: { type: 'application/json', schema } };
}

/** Anything but JSON, such as `image/jpeg`; with `statuses` where others than 200 are ordinary. */
export function answersBytes(
  type: string,
  description: string,
  statuses: readonly number[] = [200],
): Answer<never> {
  return { statuses, description, content: { type, schema: null } };
}

/** A status alone. */
export function answersNothing(description: string, status = 204): Answer<never> {
  return { statuses: [status], description, content: null };
}
