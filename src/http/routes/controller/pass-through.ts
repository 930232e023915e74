import { Type } from '@sinclair/typebox';
import type { Controller } from '../../../controller/controller.js';
import { Problem } from '../../../errors.js';
import { answersBytes } from '../../answer.js';
import type { Reply } from '../../reply.js';
import { route, type Method, type RequestCaller, type Route } from '../../route.js';

const patienceMs = 30_000;
const methods: Method[] = ['GET', 'POST', 'PATCH', 'DELETE'];

/** What a monitor sends is shown under the controller's own address: nothing in it may act there. */
const inert = { 'Content-Security-Policy': 'sandbox' };

const Anything = Type.Object({});

/**
 * Each monitor's own API, under the controller's login and the controller's token for it. Who only views
 * here does so there as well.
 */
export function passThroughRoutes({ fleet }: Controller): Route[] {
  const pass = async (
    method: Method,
    { role }: RequestCaller,
    id: string,
    rest: string,
    query: Record<string, string>,
    sent?: object,
  ): Promise<Reply<never>> => {
    const member = fleet.get(id);
    if (member.refusal !== null) throw member.refusal;
    const search = new URLSearchParams(query);
    const path = `/api/v1/${rest}${search.size === 0 ? '' : `?${search.toString()}`}`;
    // A URL's dots are resolved as it is sent: they must not lead out of the API.
    if (!new URL(path, 'http://monitor').pathname.startsWith('/api/v1/')) {
      throw new Problem('not-found', 'That is not below /api/v1/.');
    }
    const as = role === null ? {} : { role };
    const content = sent === undefined ? {} : { body: sent };
    const call = { method, path, timeoutMs: patienceMs, ...as, ...content };
    const answer = await member.http.call(call);
    const headers = { 'Content-Type': answer.contentType, 'Cache-Control': 'no-store', ...inert };
    const body = answer.body.length === 0 ? null : answer.body;
    return { status: answer.status, headers, body };
  };
  const docs = {
    summary: "The monitor's own API",
    description: 'As below its own /api/v1/. Large files are fetched by /transfers.',
    params: { id: "The monitor's id.", 'path*': 'What stands behind /api/v1/ there.' },
    answer: answersBytes('application/json', 'As the monitor answers.'),
    path: '/api/v1/monitors/:id/api/:path*' as const,
    lenientQuery: true,
  };
  return methods.map((method) =>
    method === 'GET'
      ? route({
          ...docs,
          method,
          handle: ({ params, query, caller }) =>
            pass(method, caller, params.id, params['path*'], asText(query)),
        })
      : route({
          ...docs,
          method,
          body: Anything,
          handle: ({ params, query, body, caller }) =>
            pass(method, caller, params.id, params['path*'], asText(query), body),
        }),
  );
}

/** What is not in a schema was not made anything but text. */
const asText = (query: unknown): Record<string, string> => query as Record<string, string>;
