import { Type } from '@sinclair/typebox';
import { answersJson } from '../answer.js';
import { openApiDocument } from '../openapi.js';
import { json } from '../reply.js';
import { route, type Route } from '../route.js';

/** The API's own description; `routes` is asked at the first request, when all are known. */
export function openApiRoute(routes: () => readonly Route[]): Route {
  let document: Record<string, unknown> | null = null;
  return route({
    method: 'GET',
    path: '/openapi.json',
    lenientQuery: true,
    summary: 'This description of the API',
    answer: answersJson(Type.Record(Type.String(), Type.Unknown()), 'OpenAPI 3.1.'),
    handle: () => json((document ??= openApiDocument(routes()))),
  });
}
