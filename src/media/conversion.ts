import { Type, type SchemaOptions, type Static } from '@sinclair/typebox';
import { Problem } from '../errors.js';

/**
 * What a recording can be converted to. `mp4`: all segments in one plain mp4, nothing encoded anew;
 * `constant-rate`: frames at even distances, with a map of which they are; `smaller`: a smaller
 * picture; `time-lapse`: every n-th frame.
 */
export const conversionKinds = ['mp4', 'constant-rate', 'smaller', 'time-lapse'] as const;
export type ConversionKind = (typeof conversionKinds)[number];

const qualities = ['low', 'medium', 'high'] as const;
export type Quality = (typeof qualities)[number];

function oneOf<const T extends readonly string[]>(values: T, options: SchemaOptions) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options });
}

const fields = {
  kind: oneOf(conversionKinds, { title: 'Kind' }),
  fps: Type.Optional(
    Type.Number({
      title: 'Frame rate',
      description:
        'Of constant-rate: the recording’s own by default. Of time-lapse: 30 by default.',
      unit: 'fps',
      minimum: 1,
      maximum: 240,
    }),
  ),
  height: Type.Optional(
    Type.Integer({
      title: 'Height',
      description: 'Of smaller; a picture that is lower already keeps its size.',
      unit: 'px',
      default: 480,
      minimum: 120,
      maximum: 2160,
      multipleOf: 2,
    }),
  ),
  quality: Type.Optional(
    oneOf(qualities, {
      title: 'Quality',
      description: 'Of smaller and time-lapse.',
      default: 'medium',
    }),
  ),
  every: Type.Optional(
    Type.Integer({
      title: 'Every n-th frame',
      description: 'Of time-lapse.',
      default: 30,
      minimum: 2,
      maximum: 100_000,
    }),
  ),
};

/** As asked for: only `kind`, or also what that kind can be told. */
export const ConversionBody = Type.Object(fields, { additionalProperties: false });
export type ConversionWish = Static<typeof ConversionBody>;

/** With every option settled. */
export type Conversion =
  | { kind: 'mp4' }
  | { kind: 'constant-rate'; fps: number }
  | { kind: 'smaller'; height: number; quality: Quality }
  | { kind: 'time-lapse'; every: number; fps: number; quality: Quality };

const optionsOf: Record<ConversionKind, readonly (keyof ConversionWish)[]> = {
  mp4: [],
  'constant-rate': ['fps'],
  smaller: ['height', 'quality'],
  'time-lapse': ['every', 'fps', 'quality'],
};

/** Settles what was left open; `recordedFps` is the camera's rate. Refuses options of other kinds. */
export function conversionOf(wish: ConversionWish, recordedFps: number): Conversion {
  const { kind, height = 480, quality = 'medium', every = 30 } = wish;
  for (const field of Object.keys(wish) as (keyof ConversionWish)[]) {
    if (field === 'kind' || optionsOf[kind].includes(field)) continue;
    throw new Problem('unknown-field', `${kind} has no option ${field}.`, field);
  }
  switch (kind) {
    case 'mp4':
      return { kind };
    case 'constant-rate':
      return { kind, fps: rounded(wish.fps ?? Math.max(1, recordedFps)) };
    case 'smaller':
      return { kind, height, quality };
    case 'time-lapse':
      return { kind, every, fps: rounded(wish.fps ?? 30), quality };
  }
}

/** To a rate of which an mp4 can say exactly what it is. */
function rounded(fps: number): number {
  return Math.round(fps * 1000) / 1000;
}
