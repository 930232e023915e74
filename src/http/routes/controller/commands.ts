import { Type } from '@sinclair/typebox';
import type { Controller } from '../../../controller/controller.js';
import {
  differences,
  DifferenceSchema,
  PushSchema,
} from '../../../controller/commands/differences.js';
import { commandNames } from '../../../controller/commands/kinds.js';
import { CommandSchema } from '../../../controller/commands/outcome.js';
import { TargetsSchema } from '../../../controller/shapes.js';
import { answersJson } from '../../answer.js';
import { json } from '../../reply.js';
import { route, type Route } from '../../route.js';
import { listOf, oneOf } from '../../schemas/common.js';

const CommandBody = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Of your choosing: asked for again under the same id, nothing is done twice.',
      }),
    ),
    targets: TargetsSchema,
    command: oneOf(commandNames),
    args: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { additionalProperties: false },
);

const DifferenceBody = Type.Object(
  { targets: TargetsSchema, ...PushSchema.properties },
  { additionalProperties: false },
);

/** What many monitors are told to do. */
export function commandRoutes({ commands, fleet }: Controller): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/commands',
      summary: 'Tell monitors to do something',
      description: 'Answers at once; GET /commands/{id} tells what came of it at each monitor.',
      body: CommandBody,
      answer: answersJson(CommandSchema, 'Under way.', 202),
      handle: ({ body }) => json(commands.give(body), 202),
    }),
    route({
      method: 'GET',
      path: '/api/v1/commands',
      summary: 'The last commands',
      answer: answersJson(listOf(CommandSchema), 'Newest first.'),
      handle: () => json({ items: commands.list() }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/commands/:id',
      summary: 'What came of a command',
      params: { id: "The command's id." },
      answer: answersJson(CommandSchema, 'At each monitor.'),
      handle: ({ params: { id } }) => json(commands.get(id)),
    }),
    route({
      method: 'POST',
      path: '/api/v1/commands/:id/retry',
      summary: 'Try a command again where it was refused or no answer came',
      description:
        'What was done is not done twice; restart, reboot and shutdown are not tried again.',
      params: { id: "The command's id." },
      answer: answersJson(CommandSchema, 'Under way again.', 202),
      handle: ({ params: { id } }) => json(commands.retry(id), 202),
    }),
    route({
      method: 'POST',
      path: '/api/v1/differences',
      summary: 'What pushing settings, controls or a preset would change at each monitor',
      description: 'Changes nothing. The commands of the same names push them.',
      body: DifferenceBody,
      answer: answersJson(listOf(DifferenceSchema), 'Of each monitor.'),
      handle: async ({ body: { targets, ...push } }) =>
        json({ items: await differences(fleet.targets(targets), push) }),
    }),
  ];
}
