import { Type, type Static } from '@sinclair/typebox';
import { nullable, oneOf, wallUs } from '../../http/schemas/common.js';
import { commandNames, repetitions } from './kinds.js';

export const OutcomeSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  state: oneOf(
    ['pending', 'done', 'refused', 'unreachable'],
    'refused: it said no, see code; unreachable: no answer came.',
  ),
  code: nullable(Type.String()),
  detail: nullable(Type.String()),
});
export type Outcome = Static<typeof OutcomeSchema>;

export const CommandSchema = Type.Object(
  {
    id: Type.String(),
    command: oneOf(commandNames),
    args: Type.Record(Type.String(), Type.Unknown()),
    startedWallUs: wallUs,
    state: oneOf(['running', 'ended']),
    again: oneOf(
      repetitions,
      'Whether POST /commands/{id}/retry may try again where it was not done.',
    ),
    monitors: Type.Array(OutcomeSchema),
  },
  { $id: 'Command' },
);
export type Command = Static<typeof CommandSchema>;
