import { Type, type Static, type TObject, type TSchema } from '@sinclair/typebox';
import type { Recognised } from '../access/gate.js';
import type { Role } from '../access/role.js';
import { queryValidator, validator } from '../config/validate.js';
import type { Answer } from './answer.js';
import { usualBodyLimit } from './body.js';
import type { Reply } from './reply.js';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** A request as a handler sees it: everything is checked against the route's schemas. */
export interface Request<N extends string = string, Q = unknown, B = unknown> {
  /** The parts of the path that `:name` stands for, decoded. */
  params: Record<N, string>;
  query: Q;
  body: B;
  /** A header in lower case, empty where absent. */
  header: (name: RequestHeader) => string;
  caller: RequestCaller;
}

/** Who asks. No role: nobody known, which only routes for anyone get to see. */
export interface RequestCaller extends Recognised {
  /** The socket's peer as text. */
  address: string;
}

/** Who may ask; `page`: who operates in a browser here, or one could let in others. */
export type Access = Role | 'anyone' | 'page';

/** The headers that some handler reads; a request's headers are gone once its handler has awaited. */
export const requestHeaders = ['range', 'if-range', 'if-none-match'] as const;
export type RequestHeader = (typeof requestHeaders)[number];

/** The names in a path: `'name' | 'file'` of `/files/:name/:file`. */
type ParamNames<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamNames<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;

/** What the API's description says of a route, besides its schemas. */
export interface RouteDocs {
  /** A line, without a full stop. */
  summary: string;
  /** What a caller cannot see from the schemas; null where there is nothing. */
  description: string | null;
  /** What each name in the path stands for. */
  params: Record<string, string>;
  answer: Answer;
}

interface RouteSpec<P extends string, Q extends TObject, B extends TSchema, A> {
  method: Method;
  /** `/api/v1/recordings/:name` */
  path: P;
  summary: string;
  description?: string;
  /** What each name in the path stands for. */
  params: [ParamNames<P>] extends [never] ? undefined : Record<ParamNames<P>, string>;
  query?: Q;
  body?: B;
  /**
   * Whether query fields that are not in the schema are let pass: for pictures and pages, where
   * people append what defeats a cache.
   */
  lenientQuery?: boolean;
  /** Without it: `view` for a GET, `operate` for all that changes something. */
  access?: Access;
  /** In bytes, where a body may be larger than others. */
  bodyLimit?: number;
  /** What it answers where all goes well; a handler that answers otherwise does not compile. */
  answer: Answer<A>;
  handle: (
    request: Request<ParamNames<P>, Static<Q>, Static<B>>,
  ) => Reply<NoInfer<A>> | Promise<Reply<NoInfer<A>>>;
}

/** `params` may be left out where the path has none. */
type Written<S extends { params: unknown }> = S['params'] extends undefined ? Omit<S, 'params'> : S;

/** One row of the table of routes. */
export interface Route {
  method: Method;
  path: string;
  docs: RouteDocs;
  access: Access;
  query: TObject;
  body: TSchema | null;
  bodyLimit: number;
  checkQuery: (query: Record<string, string>) => unknown;
  checkBody: ((body: unknown) => unknown) | null;
  handle: (request: Request) => Reply | Promise<Reply>;
}

const noFields = Type.Object({}, { additionalProperties: false });

/** Describes a route; its handler gets the types of its schemas, and is held to that of its answer. */
export function route<
  const P extends string,
  A,
  Q extends TObject = typeof noFields,
  B extends TSchema = TSchema,
>(spec: Written<RouteSpec<P, Q, B, A>>): Route {
  const { summary, description, params, answer, ...rest } = spec as RouteSpec<P, Q, B, A>;
  const declared: TObject = rest.query ?? noFields;
  const query = { ...declared, additionalProperties: rest.lenientQuery === true };
  return {
    method: rest.method,
    path: rest.path,
    docs: { summary, description: description ?? null, params: params ?? {}, answer },
    access: rest.access ?? (rest.method === 'GET' ? 'view' : 'operate'),
    query,
    body: rest.body ?? null,
    bodyLimit: rest.bodyLimit ?? usualBodyLimit,
    checkQuery: queryValidator(query),
    checkBody: rest.body === undefined ? null : validator(rest.body, 'The body'),
    handle: (request) => rest.handle(request as Request<ParamNames<P>, Static<Q>, Static<B>>),
  };
}
