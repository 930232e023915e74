import { Type, type Static } from '@sinclair/typebox';
import { MetadataSchema } from '../config/metadata.js';
import { parseDuration } from '../config/duration.js';
import { Problem } from '../errors.js';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** More are a slip; each is worked out anew every hour. */
export const mostEntries = 50;
const shortestEveryMs = 60_000;

const timeOfDay = Type.String({ format: 'time-of-day' });
const duration = Type.String({ format: 'finite-duration' });

export interface Repeat {
  every: string;
  for: string;
}
const repeat = Type.Unsafe<Repeat | null>({
  type: ['object', 'null'],
  properties: { every: duration, for: duration },
  required: ['every', 'for'],
  additionalProperties: false,
});

/** What a person says of an entry. */
const wishes = {
  /** Stands in the recording's metadata as `schedule`, and so may be used in its name. */
  title: Type.String({ minLength: 1, maxLength: 60 }),
  enabled: Type.Boolean(),
  /** On which days it begins. */
  days: Type.Array(Type.Unsafe<Weekday>({ type: 'string', enum: [...weekdays] }), {
    minItems: 1,
    maxItems: 7,
    uniqueItems: true,
  }),
  from: timeOfDay,
  /** Not after `from`: on the next day. Equal to it: a whole day. */
  to: timeOfDay,
  /** Null: one recording from `from` to `to`; else one of `for` at every `every` between them. */
  repeat,
  metadata: MetadataSchema,
};

/** An entry as it is added: what is left out is every day, once, enabled. */
export const EntryBody = Type.Object(
  {
    ...wishes,
    enabled: Type.Optional(wishes.enabled),
    days: Type.Optional(wishes.days),
    repeat: Type.Optional(wishes.repeat),
    metadata: Type.Optional(wishes.metadata),
  },
  { additionalProperties: false },
);

export type EntryWish = Static<typeof EntryBody>;

/** Changes of an entry. `skipUntil` null: what a person stopped goes on. */
export const EntryPatch = Type.Partial(Type.Object({ ...wishes, skipUntil: Type.Null() }), {
  additionalProperties: false,
});

export const Entry = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    ...wishes,
    /** UTC in µs: until then nothing of it begins, as a person stopped its recording; or null. */
    skipUntil: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
  },
  { additionalProperties: false },
);
export type Entry = Static<typeof Entry>;

/** In which zone the times are meant; null: in the machine's. */
export const TimeZone = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  format: 'time-zone',
});

/** What the file of the schedule holds. */
export const ScheduleSchema = Type.Object(
  { timeZone: TimeZone, items: Type.Array(Entry, { maxItems: mostEntries }) },
  { additionalProperties: false },
);
export type ScheduleContent = Static<typeof ScheduleSchema>;

/** Throws where the repetition cannot be kept to. */
export function checkRepeat(repeat: Repeat | null): void {
  if (repeat === null) return;
  const everyMs = parseDuration(repeat.every) ?? NaN;
  const forMs = parseDuration(repeat.for) ?? NaN;
  const refuse = (field: string, why: string): Problem =>
    new Problem('invalid-value', `${field} ${why}`, field);
  if (everyMs < shortestEveryMs) throw refuse('repeat.every', 'must be at least 1m.');
  if (forMs >= everyMs) throw refuse('repeat.for', 'must be shorter than repeat.every.');
}
