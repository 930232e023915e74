import { Type } from '@sinclair/typebox';
import type { Controller } from '../../../controller/controller.js';
import { RecordingsSchema, TargetsSchema } from '../../../controller/shapes.js';
import { TransferSchema } from '../../../controller/transfers/shapes.js';
import { answersJson } from '../../answer.js';
import { json } from '../../reply.js';
import { route, type Route } from '../../route.js';
import { listOf } from '../../schemas/common.js';

const TransferBody = Type.Object(
  {
    targets: TargetsSchema,
    recordings: Type.Optional(RecordingsSchema),
    destination: Type.Optional(
      Type.String({ description: 'A name from the configuration: from here it goes on there.' }),
    ),
  },
  { additionalProperties: false },
);

const params = { id: "The transfer's id." };

/** Recordings fetched from the monitors. */
export function transferRoutes({ transfers, settings }: Controller): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/transfers',
      summary: "Fetch recordings to this machine's disk",
      description:
        'Each file is verified by its SHA-256 as received and as read from the disk again; then the ' +
        'monitor is told that there is a copy. Without recordings: all that have ended and were not ' +
        'transferred yet.',
      body: TransferBody,
      answer: answersJson(TransferSchema, 'Under way.', 202),
      handle: async ({ body }) => json(await transfers.add(body), 202),
    }),
    route({
      method: 'GET',
      path: '/api/v1/transfers',
      summary: 'The last transfers',
      answer: answersJson(listOf(TransferSchema), 'Newest first.'),
      handle: () => json({ items: transfers.list() }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/transfers/:id',
      summary: 'How a transfer is getting on',
      params,
      answer: answersJson(TransferSchema, 'Recording by recording.'),
      handle: ({ params: { id } }) => json(transfers.get(id)),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/transfers/:id',
      summary: 'Stop a transfer',
      description: 'What has come of a file stays, and a later transfer goes on from there.',
      params,
      answer: answersJson(TransferSchema, 'As it was left.'),
      handle: async ({ params: { id } }) => json(await transfers.cancel(id)),
    }),
    route({
      method: 'GET',
      path: '/api/v1/destinations',
      summary: 'Where recordings can go on to',
      answer: answersJson(listOf(Type.String()), 'Names from the configuration file.'),
      handle: () => json({ items: Object.keys(settings.transfers.destinations) }),
    }),
  ];
}
