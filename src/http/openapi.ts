import type { TSchema } from '@sinclair/typebox';
import { piMonitorVersion } from '../system/version.js';
import type { Route } from './route.js';
import { ProblemSchema } from './schemas/common.js';

type Json = Record<string, unknown>;

/** The document in OpenAPI 3.1: of each route what it says of itself, with the schemas that check it. */
export function openApiDocument(routes: readonly Route[]): Json {
  const schemas = new Map<string, unknown>();
  const paths: Record<string, Json> = {};
  for (const one of routes) {
    const path = one.path.replace(/:(\w+)\*?/g, '{$1}');
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operation(one, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'pi-monitor',
      version: piMonitorVersion,
      description: 'Errors are application/problem+json with a stable code; lists are {items}.',
    },
    paths,
    // Where there is no password, neither is needed: {}.
    security: [{}, { session: [] }, { token: [] }],
    components: {
      schemas: Object.fromEntries(schemas),
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'pi-monitor-PORT' },
        token: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

const whoMay = {
  anyone: 'Needs no password.',
  view: 'For viewers and operators.',
  operate: 'For operators.',
  page: 'For operators in a browser here, not for programs.',
};

function operation(route: Route, schemas: Map<string, unknown>): Json {
  const { summary, description, answer } = route.docs;
  const usual = {
    description: answer.description,
    ...(answer.content !== null && {
      content: {
        [answer.content.type]:
          answer.content.schema === null ? {} : { schema: answer.content.schema },
      },
    }),
  };
  const problem = {
    description: 'It was not done.',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  };
  const operation = {
    operationId: operationId(route),
    summary,
    description: [...(description === null ? [] : [description]), whoMay[route.access]].join(' '),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(route.body !== null && {
      requestBody: { content: { 'application/json': { schema: route.body } } },
    }),
    ...(route.access === 'anyone' && { security: [] }),
    responses: {
      ...Object.fromEntries(answer.statuses.map((status) => [status, usual])),
      default: problem,
    },
  };
  return named(operation, schemas) as Json;
}

/** `getRecordingsName` of GET /api/v1/recordings/:name. */
function operationId({ method, path }: Route): string {
  const words = path.replace('/api/v1', '').split(/[^A-Za-z0-9]+/);
  const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
  return method.toLowerCase() + (words.map(capital).join('') || 'Root');
}

function pathParameters({ docs }: Route): Json[] {
  return Object.entries(docs.params).map(([written, description]) => {
    const name = written.replace('*', '');
    return { name, in: 'path', required: true, description, schema: { type: 'string' } };
  });
}

function queryParameters({ query }: Route): Json[] {
  const required = query.required ?? [];
  return Object.entries(query.properties).map(([name, { description, ...schema }]) => {
    const words = typeof description === 'string' ? { description } : {};
    return { name, in: 'query', required: required.includes(name), ...words, schema };
  });
}

/** The same, with each schema that has an `$id` moved among `schemas` and referred to. */
function named(value: unknown, schemas: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((one) => named(one, schemas));
  if (typeof value !== 'object' || value === null) return value;
  const { $id, ...rest } = value as TSchema;
  const inner = Object.fromEntries(
    Object.entries(rest).map(([key, one]) => [key, named(one, schemas)]),
  );
  if ($id === undefined) return inner;
  schemas.set($id, inner);
  return { $ref: `#/components/schemas/${$id}` };
}
