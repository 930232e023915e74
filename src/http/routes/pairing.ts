import { Type, type Static } from '@sinclair/typebox';
import type { Gate } from '../../access/gate.js';
import type { PairingDesk } from '../../access/pairing-desk.js';
import { roles } from '../../access/role.js';
import { answersJson, answersNothing } from '../answer.js';
import { json, noContent } from '../reply.js';
import { route, type Route } from '../route.js';
import { listOf, nullable, oneOf, wallUs } from '../schemas/common.js';

const role = oneOf(roles, 'Of the controller, here.');
/** 16 random bytes, and a group element of 32. */
const session = Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' });
const share = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });
const proof = Type.String({ maxLength: 64 });

const ShowBody = Type.Object({ role: Type.Optional(role) }, { additionalProperties: false });

const DeskSchema = Type.Object({
  shown: nullable(
    Type.Object({
      code: Type.String(),
      role,
      leftMs: Type.Number({ description: 'Until it holds no longer.' }),
      triesLeft: Type.Integer(),
    }),
  ),
  ended: nullable(oneOf(['paired', 'expired', 'guessed', 'cancelled'], 'How the last code ended.')),
});

const PairingSchema = Type.Object({
  id: Type.String(),
  name: Type.String({ description: "The controller's." }),
  role,
  createdWallUs: wallUs,
  seenWallUs: nullable(Type.Number({ description: 'When it last came, since the start; UTC.' })),
});

export type PairingView = Static<typeof PairingSchema>;

const ExchangeBody = Type.Object(
  {
    session,
    share,
    controller: Type.Object(
      {
        id: Type.String({ minLength: 1, maxLength: 100 }),
        name: Type.String({ minLength: 1, maxLength: 100 }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
const ExchangeSchema = Type.Object({
  share,
  id: Type.String({ description: "This monitor's; it becomes part of the key." }),
});

const ConfirmBody = Type.Object({ session, proof }, { additionalProperties: false });
const ConfirmSchema = Type.Object({ proof });

const base = '/api/v1/pairing';

/** Pairing with controllers: the code is shown here, typed there, and goes over no wire. */
export function pairingRoutes(gate: Gate, desk: PairingDesk, id: () => string): Route[] {
  return [
    route({
      method: 'GET',
      path: base,
      summary: 'The code that is shown now',
      access: 'page',
      answer: answersJson(DeskSchema, 'For the page of this monitor.'),
      handle: () => json(desk.view()),
    }),
    route({
      method: 'POST',
      path: base,
      summary: 'Show a code for a controller, for two minutes',
      access: 'page',
      body: ShowBody,
      answer: answersJson(DeskSchema, 'It is to be typed on the page of the controller.', 201),
      handle: ({ body }) => {
        desk.show(body.role ?? 'operate');
        return json(desk.view(), 201);
      },
    }),
    route({
      method: 'DELETE',
      path: base,
      summary: 'Show the code no longer',
      answer: answersNothing('It does not hold any more.'),
      handle: () => {
        desk.cancel();
        return noContent();
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/pairing/exchange',
      summary: "A controller's share of the key, by CPace",
      description: 'Costs one of the tries that a code has.',
      access: 'anyone',
      body: ExchangeBody,
      answer: answersJson(ExchangeSchema, "This monitor's share."),
      handle: ({ body: { session: of, share: theirs, controller } }) =>
        json({ ...desk.begin(of, theirs, controller), id: id() }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/pairing/confirm',
      summary: 'The proof that a controller was given the right code',
      access: 'anyone',
      body: ConfirmBody,
      answer: answersJson(ConfirmSchema, 'They are paired; the proof of this monitor.'),
      handle: async ({ body }) => json(await desk.confirm(body.session, body.proof)),
    }),
    route({
      method: 'GET',
      path: '/api/v1/pairings',
      summary: 'The controllers this monitor is paired with',
      answer: answersJson(listOf(PairingSchema), 'In the order in which they came.'),
      handle: () =>
        json({
          items: gate.pairings().map(({ id: pairing, label, role: may, ...times }) => ({
            id: pairing,
            name: label,
            role: may,
            createdWallUs: times.createdWallUs,
            seenWallUs: times.seenWallUs,
          })),
        }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/pairings/:id',
      summary: 'End a pairing',
      params: { id: 'Of the pairing, as its list has it.' },
      answer: answersNothing('The controller is let in no longer.'),
      handle: async ({ params }) => {
        await gate.endPairing(params.id);
        return noContent();
      },
    }),
  ];
}
