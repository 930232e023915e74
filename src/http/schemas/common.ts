import { Type, type Static, type TSchema, type TUnsafe } from '@sinclair/typebox';
import { errorCodes, type ErrorCode } from '../../errors.js';

/** Schemas with an `$id` are written once in the API's description, and named wherever they are used. */

export function nullable<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}

export function oneOf<const T extends readonly string[]>(
  values: T,
  description?: string,
): TUnsafe<T[number]> {
  const words = description === undefined ? {} : { description };
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...words });
}

export const wallUs = Type.Number({ description: 'UTC in microseconds since 1970.' });
export const sensorNs = Type.Number({
  description: "The sensor's clock (CLOCK_MONOTONIC) in nanoseconds.",
});

export function listOf<S extends TSchema>(item: S): TUnsafe<{ items: readonly Static<S>[] }> {
  return Type.Unsafe(Type.Object({ items: Type.Array(item) }));
}

export const LossesSchema = Type.Object(
  {
    sensor: Type.Integer(),
    source: Type.Integer(),
    encoder: Type.Integer(),
    writer: Type.Integer(),
  },
  { $id: 'Losses', description: 'Frames lost, by the stage that lost them.' },
);

export const VersionsSchema = Type.Record(Type.String(), nullable(Type.String()));

export const ProblemSchema = Type.Object(
  {
    type: Type.Literal('about:blank'),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.Unsafe<ErrorCode>({ type: 'string', enum: [...errorCodes] }),
    detail: Type.String({ description: 'A sentence that says what to do.' }),
    field: nullable(Type.String({ description: 'What it is about, such as camera.fps.' })),
  },
  { $id: 'Problem', description: 'Why a request was not served, after RFC 9457.' },
);
