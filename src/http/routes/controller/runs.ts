import type { Controller } from '../../../controller/controller.js';
import {
  PreflightBody,
  PreflightSchema,
  RunBody,
  RunSchema,
} from '../../../controller/runs/shapes.js';
import { answersJson } from '../../answer.js';
import { json } from '../../reply.js';
import { route, type Route } from '../../route.js';
import { listOf } from '../../schemas/common.js';

/** Recordings that begin together. */
export function runRoutes({ runs }: Controller): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/preflight',
      summary: 'Whether monitors could begin together, and why not',
      body: PreflightBody,
      answer: answersJson(listOf(PreflightSchema), 'Of each monitor; nothing is changed.'),
      handle: async ({ body }) => json({ items: await runs.preflight(body) }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/runs',
      summary: 'Start recordings together',
      description:
        'Checks all, arms all for one instant, looks once more before it, and begins only where all are ' +
        'armed, or without the others where that is wished; then the report.',
      body: RunBody,
      answer: answersJson(RunSchema, 'Under way.', 202),
      handle: ({ body }) => json(runs.begin(body), 202),
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs',
      summary: 'The runs with their reports',
      answer: answersJson(listOf(RunSchema), 'The last 50, newest first.'),
      handle: () => json({ items: runs.list() }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs/:id',
      summary: 'How a run goes, and its report',
      params: { id: "The run's id." },
      answer: answersJson(RunSchema, 'As it stands.'),
      handle: ({ params: { id } }) => json(runs.get(id)),
    }),
  ];
}
