import { Type, type TSchema } from '@sinclair/typebox';
import { validator } from '../../config/validate.js';
import { MetadataSchema } from '../../config/metadata.js';
import { Problem } from '../../errors.js';
import type { LateCall } from './reliable-call.js';

type Call = Pick<LateCall, 'method' | 'path' | 'body' | 'lateBody'>;

/** What a command needs to know as each call goes out. */
export interface Now {
  wallUs: () => number;
  /** Of the monitor at hand, how long a question takes, at best. */
  roundTripMs: number;
}

export interface CommandKind {
  args: TSchema;
  /** What it comes to in the monitor's API, one call after the other. */
  calls: (args: Record<string, unknown>, now: Now) => Call[];
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
  },
  stop: {
    args: nothing,
    calls: () => [{ method: 'DELETE', path: '/api/v1/recording' }],
  },
  settings: {
    args: Type.Object({ settings: anything }, only),
    calls: ({ settings }) => [{ method: 'PATCH', path: '/api/v1/config', body: settings }],
  },
  controls: {
    args: Type.Object({ controls: anything }, only),
    calls: ({ controls }) => [{ method: 'PATCH', path: '/api/v1/controls', body: controls }],
  },
  convert: {
    // Which kinds there are, and what more they take, the monitor knows.
    args: Type.Object({ kind: Type.String({ minLength: 1, maxLength: 40 }) }),
    calls: (args) => [{ method: 'POST', path: '/api/v1/jobs', body: args }],
  },
  remove: {
    args: Type.Object(
      {
        recordings: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 1000 }),
        ...confirmed,
      },
      only,
    ),
    calls: ({ recordings }) =>
      (recordings as string[]).map((name) => {
        const path = encodeURIComponent(name);
        return { method: 'DELETE', path: `/api/v1/recordings/${path}?confirm=${path}` };
      }),
  },
  'set-clock': {
    args: nothing,
    calls: (_, { wallUs, roundTripMs }) => [
      {
        method: 'POST',
        path: '/api/v1/system/clock',
        lateBody: () => ({ wallUs: Math.round(wallUs()), roundTripMs }),
      },
    ],
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
