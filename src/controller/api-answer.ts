import { isJsonObject } from '../config/merge-patch.js';
import { isErrorCode, Problem } from '../errors.js';

export interface ApiAnswer {
  status: number;
  body: Buffer;
  contentType: string;
  /** When the request went out and when the answer's head came, by performance.now(). */
  sentMs: number;
  answeredMs: number;
}

/** The JSON of an answer; null where there is none. Throws the problem that another status tells of. */
export function readAnswer({ status, body }: Pick<ApiAnswer, 'status' | 'body'>): unknown {
  const content = parsed(body);
  if (status >= 200 && status < 300) return content;
  throw problemOf(status, content);
}

function parsed(body: Buffer): unknown {
  if (body.length === 0) return null;
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    throw new Problem('unreachable', 'What answers there is no pi-monitor.');
  }
}

function problemOf(status: number, content: unknown): Problem {
  if (!isJsonObject(content) || !isErrorCode(content['code'])) {
    return new Problem('unreachable', `It answers with status ${status}, as no pi-monitor does.`);
  }
  const { code, detail, field } = content;
  return new Problem(
    code,
    typeof detail === 'string' ? detail : `It answers with status ${status}.`,
    typeof field === 'string' ? field : null,
  );
}
