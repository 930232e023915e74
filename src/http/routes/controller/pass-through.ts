import { Type } from '@sinclair/typebox';
import type { ApiAnswer } from '../../../controller/api-answer.js';
import type { ApiCall } from '../../../controller/api-caller.js';
import type { Controller } from '../../../controller/controller.js';
import type { Member } from '../../../controller/member.js';
import { Problem } from '../../../errors.js';
import { answersBytes } from '../../answer.js';
import type { Reply } from '../../reply.js';
import { route, type Method, type RequestCaller, type Route } from '../../route.js';

const patienceMs = 30_000;
/** `not-available` and `too-large`, as a monitor answers through a broker. */
const byHttpOnly = [501, 413];
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
    const answer = await ask(member, call);
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

/** JSON goes the way of its commands, so that the broker alone is enough; pictures and files go by HTTP. */
async function ask(member: Member, call: ApiCall): Promise<ApiAnswer> {
  if (member.link.kind === 'http') return member.http.call(call);
  const answer = await member.call(call);
  const isForHttp = call.method === 'GET' && byHttpOnly.includes(answer.status);
  return isForHttp ? member.http.call(call) : answer;
}

/** What is not in a schema was not made anything but text. */
const asText = (query: unknown): Record<string, string> => query as Record<string, string>;
