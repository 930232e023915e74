import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isErrorCode, Problem } from '../errors.js';
import { isJsonObject } from '../config/merge-patch.js';
import { baseOf } from './monitor-address.js';

export interface ApiCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/api/v1` on, with the query. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Until the whole answer is there. */
  timeoutMs: number;
}

export interface ApiAnswer {
  status: number;
  body: Buffer;
  contentType: string;
  /** When the request went out and when the answer's head came, by performance.now(). */
  sentMs: number;
  answeredMs: number;
}

/** No answer of the API but a file is anywhere near this. */
const largestAnswer = 32 * 1024 * 1024;

/** Shared by all monitors; each has connections of its own in it. */
const keepAlive = {
  http: new HttpAgent({ keepAlive: true, maxSockets: 2 }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: 2 }),
};

/** Calls one monitor's API. What does not answer rejects with `unreachable`; all answers resolve. */
export class ApiCaller {
  private readonly base: string;

  constructor(
    readonly address: string,
    private readonly token: () => string | null,
  ) {
    this.base = baseOf(address);
  }

  async call(call: ApiCall): Promise<ApiAnswer> {
    const sentMs = performance.now();
    const response = await this.open(call, AbortSignal.timeout(call.timeoutMs));
    const answeredMs = performance.now();
    try {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > largestAnswer) throw new Error('the answer is too large');
        chunks.push(chunk);
      }
      const { statusCode: status = 0, headers } = response;
      const contentType = headers['content-type'] ?? 'application/octet-stream';
      return { status, body: Buffer.concat(chunks), contentType, sentMs, answeredMs };
    } catch (error) {
      throw this.unreachable(error);
    }
  }

  /** Resolves with the head of the answer; the caller reads or destroys the rest. */
  open(call: Omit<ApiCall, 'timeoutMs'>, signal: AbortSignal): Promise<IncomingMessage> {
    const { method, path, body } = call;
    const content = body === undefined ? undefined : JSON.stringify(body);
    const token = this.token();
    const tls = this.base.startsWith('https:');
    const headers = {
      ...(content !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(content),
      }),
      ...(token !== null && { Authorization: `Bearer ${token}` }),
      ...call.headers,
    };
    // A connection that was kept may be gone by now, and then nobody knows whether the call was heard:
    // what changes something gets a new one.
    const agent = method === 'GET' ? keepAlive[tls ? 'https' : 'http'] : false;
    return new Promise((resolve, reject) => {
      const request = tls ? httpsRequest : httpRequest;
      const req = request(`${this.base}${path}`, { method, headers, agent, signal }, resolve);
      req.on('error', (error: Error) => {
        if (req.reusedSocket && method === 'GET' && !signal.aborted) {
          this.open(call, signal).then(resolve, reject);
        } else reject(this.unreachable(error));
      });
      req.end(content);
    });
  }

  /** As `call`, for answers that are JSON: others than 2xx throw as the monitor's own problem. */
  async json<T>(call: ApiCall): Promise<T> {
    return readAnswer(await this.call(call)) as T;
  }

  webSocketUrl(path: string): string {
    return `${this.base.replace(/^http/, 'ws')}${path}`;
  }

  webSocketHeaders(): Record<string, string> {
    const token = this.token();
    return token === null ? {} : { Authorization: `Bearer ${token}` };
  }

  private unreachable(error: unknown): Problem {
    const why = error instanceof Error ? wordsFor(error) : String(error);
    return new Problem('unreachable', `${this.address} does not answer: ${why}.`, null, {
      cause: error,
    });
  }
}

function wordsFor(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name is not known';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to it';
    case 'ABORT_ERR':
      return 'it took too long';
    default:
      return error.message;
  }
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
