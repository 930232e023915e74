import { Type, type Static, type TObject, type TSchema } from '@sinclair/typebox';
import { queryValidator, validator } from '../config/validate.js';
import type { Reply } from './reply.js';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** A request as a handler sees it: everything is checked against the route's schemas. */
export interface Request<Q = unknown, B = unknown> {
  /** The parts of the path that `:name` stands for, decoded. */
  params: Record<string, string>;
  query: Q;
  body: B;
  /** A header in lower case, empty where absent. */
  header: (name: RequestHeader) => string;
}

/** The headers that some handler reads; a request's headers are gone once its handler has awaited. */
export const requestHeaders = ['range', 'if-range', 'if-none-match'] as const;
export type RequestHeader = (typeof requestHeaders)[number];

interface RouteSpec<Q extends TObject, B extends TSchema> {
  method: Method;
  /** `/api/v1/recordings/:name` */
  path: string;
  query?: Q;
  body?: B;
  /**
   * Whether query fields that are not in the schema are let pass: for pictures and pages, where
   * people append what defeats a cache.
   */
  lenientQuery?: boolean;
  handle: (request: Request<Static<Q>, Static<B>>) => Reply | Promise<Reply>;
}

/** One row of the table of routes. */
export interface Route {
  method: Method;
  path: string;
  query: TObject;
  body: TSchema | null;
  checkQuery: (query: Record<string, string>) => unknown;
  checkBody: ((body: unknown) => unknown) | null;
  handle: (request: Request) => Reply | Promise<Reply>;
}

const noFields = Type.Object({}, { additionalProperties: false });

/** Describes a route; its handler gets the types of its schemas. */
export function route<Q extends TObject = typeof noFields, B extends TSchema = TSchema>(
  spec: RouteSpec<Q, B>,
): Route {
  const declared: TObject = spec.query ?? noFields;
  const query = { ...declared, additionalProperties: spec.lenientQuery === true };
  return {
    method: spec.method,
    path: spec.path,
    query,
    body: spec.body ?? null,
    checkQuery: queryValidator(query),
    checkBody: spec.body === undefined ? null : validator(spec.body, 'The body'),
    handle: (request) => spec.handle(request as Request<Static<Q>, Static<B>>),
  };
}
