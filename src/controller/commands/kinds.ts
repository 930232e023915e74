import { Type, type TSchema } from '@sinclair/typebox';
import { validator } from '../../config/validate.js';
import { MetadataSchema } from '../../config/metadata.js';
import { Problem } from '../../errors.js';
import { namesAt, RecordingsSchema, type Recordings } from '../shapes.js';
import type { LateCall } from './reliable-call.js';

type Call = Pick<LateCall, 'method' | 'path' | 'body' | 'lateBody'>;

/** What a command needs to know as each call goes out. */
export interface Now {
  wallUs: () => number;
  /** Of the monitor at hand, how long a question takes, at best. */
  roundTripMs: number;
  /** The id of the monitor at hand. */
  monitor: string;
}

/**
 * Whether it may be tried again where it was not done. `while-remembered`: only as long as a monitor
 * whose answer was lost still knows that it has done it.
 */
export const repetitions = ['any-time', 'while-remembered', 'never'] as const;

export interface CommandKind {
  args: TSchema;
  /** What it comes to in the monitor's API, one call after the other. */
  calls: (args: Record<string, unknown>, now: Now) => Call[];
  again: (typeof repetitions)[number];
  /** The calls have nothing to do with each other: where one is refused the others are made all the same. */
  independent?: true;
}

const nothing = Type.Object({}, { additionalProperties: false });
const anything = Type.Record(Type.String(), Type.Unknown());
const only = { additionalProperties: false };

/** A tick in a box on the page, and a word in a program: these cannot be taken back. */
const confirmed = { confirm: Type.Literal(true) };

const duration = Type.Optional(
  Type.Unsafe<string | number>({ type: ['string', 'number'], format: 'duration', minimum: 1 }),
);

const power = (path: string): CommandKind => ({
  args: Type.Object({ ...confirmed, whileRecording: Type.Optional(Type.Boolean()) }, only),
  calls: ({ whileRecording = false }) => [
    { method: 'POST', path: `/api/v1/system/${path}`, body: { confirm: whileRecording } },
  ],
  again: 'never', // it may have been done, and would be done twice
});

/** The live pictures of all who watch there. */
const streaming = (on: boolean): CommandKind => ({
  args: nothing,
  calls: () => [{ method: 'PATCH', path: '/api/v1/streaming', body: { on } }],
  again: 'any-time',
});

/** What can be asked of many monitors at once. Each is what their own page would do. */
export const commandKinds = {
  start: {
    args: Type.Object(
      {
        name: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
        duration,
        metadata: Type.Optional(MetadataSchema),
      },
      only,
    ),
    calls: (args) => [{ method: 'POST', path: '/api/v1/recording', body: args }],
    again: 'while-remembered',
  },
  stop: {
    args: nothing,
    calls: () => [{ method: 'DELETE', path: '/api/v1/recording' }],
    again: 'any-time',
  },
  settings: {
    args: Type.Object({ settings: anything }, only),
    calls: ({ settings }) => [{ method: 'PATCH', path: '/api/v1/config', body: settings }],
    again: 'any-time',
  },
  controls: {
    args: Type.Object({ controls: anything }, only),
    calls: ({ controls }) => [{ method: 'PATCH', path: '/api/v1/controls', body: controls }],
    again: 'any-time',
  },
  preset: {
    // Kept there under its name, so that a person at the monitor finds what it was set to.
    args: Type.Object(
      { name: Type.String({ minLength: 1, maxLength: 60 }), config: anything, controls: anything },
      only,
    ),
    calls: (args) => [
      { method: 'POST', path: '/api/v1/presets', body: args },
      {
        method: 'POST',
        path: `/api/v1/presets/${encodeURIComponent(args['name'] as string)}/apply`,
        body: {},
      },
    ],
    again: 'any-time',
  },
  convert: {
    // Which kinds there are, and what more they take, the monitor knows.
    args: Type.Object({ kind: Type.String({ minLength: 1, maxLength: 40 }) }),
    calls: (args) => [{ method: 'POST', path: '/api/v1/jobs', body: args }],
    again: 'any-time', // a monitor makes nothing that it has, or is making
  },
  remove: {
    args: Type.Object(
      {
        recordings: RecordingsSchema,
        ...confirmed,
      },
      only,
    ),
    calls: ({ recordings }, { monitor }) =>
      namesAt(recordings as Recordings, monitor).map((name) => {
        const path = encodeURIComponent(name);
        return { method: 'DELETE', path: `/api/v1/recordings/${path}?confirm=${path}` };
      }),
    again: 'any-time',
    independent: true,
  },
  'start-streaming': streaming(true),
  'stop-streaming': streaming(false),
  'set-clock': {
    args: nothing,
    calls: (_, { wallUs, roundTripMs }) => [
      {
        method: 'POST',
        path: '/api/v1/system/clock',
        lateBody: () => ({ wallUs: Math.round(wallUs()), roundTripMs }),
      },
    ],
    again: 'any-time',
  },
  restart: power('restart'),
  reboot: power('reboot'),
  shutdown: power('shutdown'),
} as const satisfies Record<string, CommandKind>;

export type CommandName = keyof typeof commandKinds;
export const commandNames = Object.keys(commandKinds) as CommandName[];

const checks = new Map(
  commandNames.map((name) => [name, validator(commandKinds[name].args, 'args')]),
);

/** Throws what is wrong with the arguments of a command. */
export function checkArgs(name: CommandName, args: unknown): Record<string, unknown> {
  try {
    return checks.get(name)?.(args) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(error.code, `args: ${error.detail}`, `args.${error.field ?? ''}`);
  }
}
