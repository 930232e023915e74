import { Type, type Static } from '@sinclair/typebox';
import { tokenPattern } from '../access/token.js';
import { nullable, oneOf, ProblemSchema } from '../http/schemas/common.js';
import { StatusSchema } from '../http/schemas/status.js';

/** What the controller's API shows and takes: the schemas validate, describe and give the types. */

export const ClockSchema = Type.Object(
  { offsetUs: Type.Number(), uncertaintyUs: Type.Number() },
  { description: "How far the monitor's wall clock is ahead of this machine's." },
);

export const MonitorSchema = Type.Object(
  {
    id: Type.String({
      description: 'Of the board; @ADDRESS until it has answered for the first time.',
    }),
    number: Type.Integer({ description: 'In the messages of WS /wall.' }),
    name: Type.String(),
    address: Type.String(),
    groups: Type.Array(Type.String()),
    reachable: Type.Boolean(),
    link: oneOf(['http', 'mqtt']),
    page: Type.String({ description: 'Its own page.' }),
    conflict: Type.Boolean({
      description: 'Two machines answer with this id: it is not commanded.',
    }),
    paired: Type.Boolean({ description: 'A token for it is kept here: it must prove who it is.' }),
    unproved: Type.Array(Type.String(), {
      description: 'Addresses at which something says it is this monitor and cannot prove it.',
    }),
    status: nullable(StatusSchema),
    heardWallUs: nullable(Type.Number({ description: 'When the status came; µs since 1970.' })),
    clock: nullable(ClockSchema),
    problem: nullable(ProblemSchema),
    lastError: nullable(ProblemSchema),
  },
  { $id: 'Monitor' },
);
export type MonitorView = Static<typeof MonitorSchema>;

const groups = Type.Array(
  Type.String({ minLength: 1, maxLength: 40, pattern: '^[A-Za-z0-9 ._-]+$' }),
  { maxItems: 20, uniqueItems: true },
);
const name = Type.String({ minLength: 1, maxLength: 100 });
const token = Type.String({
  pattern: tokenPattern,
  description: 'As pi-monitor token makes it; it never leaves this controller.',
});
const address = Type.String({ format: 'monitor-address' });

export const AddMonitorSchema = Type.Object(
  {
    address,
    name: Type.Optional(name),
    groups: Type.Optional(groups),
    token: Type.Optional(token),
  },
  { additionalProperties: false },
);

export const PatchMonitorSchema = Type.Object(
  {
    name: Type.Optional(nullable(name)),
    groups: Type.Optional(groups),
    address: Type.Optional(address),
    token: Type.Optional(nullable(token)),
  },
  { additionalProperties: false },
);
export type MonitorPatch = Static<typeof PatchMonitorSchema>;

export const PairMonitorSchema = Type.Object(
  {
    code: Type.String({
      pattern: '^[0-9]{8}$',
      description: 'As the monitor shows it: System, pair with a controller, on its own page.',
    }),
  },
  { additionalProperties: false },
);

export const TargetsSchema = Type.Union(
  [Type.Literal('all'), Type.Array(Type.String(), { minItems: 1, maxItems: 5000 })],
  { description: 'all, or ids and names of groups.' },
);
export type Targets = Static<typeof TargetsSchema>;

const recordingNames = Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 10_000 });

export const RecordingsSchema = Type.Union(
  [recordingNames, Type.Record(Type.String(), recordingNames)],
  { description: "Names, the same for all monitors, or of each its own by the monitor's id." },
);
export type Recordings = Static<typeof RecordingsSchema>;

/** Which recordings of one monitor are meant. */
export function namesAt(recordings: Recordings, monitor: string): string[] {
  return Array.isArray(recordings) ? recordings : (recordings[monitor] ?? []);
}
