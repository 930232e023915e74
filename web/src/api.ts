import { t } from './i18n';
import type { ProblemJson } from './types';

/** What the server says when it refuses, and what this page says where no answer came (status 0). */
export type Problem = Omit<ProblemJson, 'type'>;

export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Long enough for a camera to restart or a recording to be made final. */
const patienceMs = 30_000;

/**
 * Calls `/api/v1` + path and returns the JSON body. The caller names the type: the server's schemas
 * validate what it sends and receives. Everything that goes wrong is a ProblemError.
 */
export async function call<T>(
  method: Method,
  path: string,
  body?: object,
  timeoutMs = patienceMs,
): Promise<T> {
  const response = await request(method, path, body, timeoutMs);
  const text = await response.text();
  if (response.ok) return (text === '' ? null : parse(text, response)) as T;
  throw new ProblemError(problemOf(parse(text, response) as Partial<Problem>, response));
}

/** What to show for whatever was caught. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { title: t.errors.pageFailed, status: 0, code: 'internal', detail, field: null };
}

async function request(
  method: Method,
  path: string,
  body: object | undefined,
  timeoutMs: number,
): Promise<Response> {
  try {
    return await fetch(`/api/v1${path}`, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  } catch {
    throw new ProblemError({
      title: t.errors.unreachable,
      status: 0,
      code: 'unreachable',
      detail: t.errors.unreachableDetail,
      field: null,
    });
  }
}

function parse(text: string, response: Response): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError(problemOf({}, response));
  }
}

function problemOf(given: Partial<Problem>, { status, statusText }: Response): Problem {
  return {
    title: given.title ?? t.errors.unreadable,
    status,
    code: given.code ?? 'internal',
    detail: given.detail ?? `${status} ${statusText}`,
    field: given.field ?? null,
  };
}
