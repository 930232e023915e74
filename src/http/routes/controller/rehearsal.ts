import { Type, type Static } from '@sinclair/typebox';
import { Problem } from '../../../errors.js';
import { FaultBody, FaultSchema } from '../../../rehearsal/faults.js';
import type { Rehearsal } from '../../../rehearsal/rehearsal.js';
import { answersJson, answersNothing } from '../../answer.js';
import { json, noContent } from '../../reply.js';
import { route, type Route } from '../../route.js';

const RehearsalSchema = Type.Object({
  rehearsing: Type.Boolean({ description: 'The monitors are simulated.' }),
  monitors: Type.Array(Type.String()),
  faults: Type.Array(FaultSchema, { description: 'Those that go on now.' }),
});

export type RehearsalView = Static<typeof RehearsalSchema>;

/** Whether the fleet is a simulated one, and what befalls it. Null: it is real. */
export function rehearsalRoutes(rehearsal: Rehearsal | null): Route[] {
  const demanded = (): Rehearsal => {
    if (rehearsal !== null) return rehearsal;
    const remedy = 'start one with pi-monitor controller --rehearse 40';
    throw new Problem('not-found', `These monitors are real: ${remedy}.`);
  };
  return [
    route({
      method: 'GET',
      path: '/api/v1/rehearsal',
      summary: 'Whether the monitors are simulated, and what befalls them',
      answer: answersJson(RehearsalSchema, 'The rehearsal, if it is one.'),
      handle: () =>
        json({
          rehearsing: rehearsal !== null,
          monitors: [...(rehearsal?.names ?? [])],
          faults: rehearsal?.faults ?? [],
        }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/rehearsal/faults',
      summary: 'Let something befall a simulated monitor',
      description: 'It has one fault at a time: what it had before ends.',
      body: FaultBody,
      answer: answersJson(FaultSchema, 'It begins.', 201),
      handle: ({ body }) => json(demanded().play(body), 201),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/rehearsal/faults/:monitor',
      summary: 'End what has befallen a simulated monitor',
      params: { monitor: 'As it is called: cage01 …' },
      answer: answersNothing('It ends.'),
      handle: ({ params: { monitor } }) => {
        demanded().end(monitor);
        return noContent();
      },
    }),
  ];
}
