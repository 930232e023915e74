import { randomUUID } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Role } from '../access/role.js';
import { Problem } from '../errors.js';
import { readAnswer, type ApiAnswer } from './api-answer.js';
import { baseOf } from './monitor-address.js';
import { ProvenSession, unproved } from './proven-session.js';

export interface ApiCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/api/v1` on, with the query. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Asked for as no more than this, whatever this controller may do there. */
  role?: Role;
  /** Until the whole answer is there. */
  timeoutMs: number;
}

type Opened = Omit<ApiCall, 'timeoutMs'>;

/** The head of an answer, with its time by performance.now(). */
interface Head {
  response: IncomingMessage;
  sentMs: number;
  answeredMs: number;
  /** False: the monitor does not know the session (any more). */
  known: boolean;
  /** Throws where it is not the body that was signed. */
  checkBody: (body: Buffer) => void;
}

/** No answer of the API but a file is anywhere near this. */
const largestAnswer = 32 * 1024 * 1024;
const handshakeMs = 4500;

/** Shared by all monitors; each has connections of its own in it. */
const keepAlive = {
  http: new HttpAgent({ keepAlive: true, maxSockets: 2 }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: 2 }),
};

/**
 * Calls one monitor's API. What does not answer rejects with `unreachable`; all answers resolve. Where it
 * has been proved which monitor that is, each call is signed and each answer's signature looked at
 * (`unproved`); no token ever goes out.
 */
export class ApiCaller {
  private readonly base: string;
  /** What every call waits for: a proof, or null where none is asked for. Rejected: no call goes out. */
  private session: Promise<ProvenSession | null>;
  private proven: ProvenSession | null = null;

  constructor(readonly address: string) {
    this.base = baseOf(address);
    const detail = `${address} has not said yet who it is.`;
    this.session = Promise.reject(new Problem('unreachable', detail));
    this.session.catch(() => undefined);
  }

  /** The token the other side has proved to know; null while it has proved none. */
  get provenToken(): string | null {
    return this.proven?.token ?? null;
  }

  /** From now on the other side must know this token; null: it may be anyone. Throws `unproved`. */
  async prove(token: string | null): Promise<void> {
    this.proven = null;
    this.session = token === null ? Promise.resolve(null) : this.handshake(token);
    this.proven = await this.session;
  }

  private handshake(token: string): Promise<ProvenSession> {
    return ProvenSession.begin(this.address, token, (body) =>
      this.ask({ method: 'POST', path: '/api/v1/handshake', body, timeoutMs: handshakeMs }),
    );
  }

  /** As `call`, unsigned, of whoever is there: for what is asked before anything is proved. */
  async ask(call: ApiCall): Promise<ApiAnswer> {
    const head = await this.send(call, AbortSignal.timeout(call.timeoutMs), null);
    return this.answerOf(head);
  }

  async call(call: ApiCall): Promise<ApiAnswer> {
    const head = await this.begin(call, AbortSignal.timeout(call.timeoutMs));
    return this.answerOf(head);
  }

  /** For files: resolves with the head of the answer; the caller reads or destroys the rest. */
  async open(call: Opened, signal: AbortSignal): Promise<IncomingMessage> {
    return (await this.begin(call, signal)).response;
  }

  /** As `call`, for answers that are JSON: others than 2xx throw as the monitor's own problem. */
  async json<T>(call: ApiCall): Promise<T> {
    return readAnswer(await this.call(call)) as T;
  }

  webSocketUrl(path: string): string {
    return `${this.base.replace(/^http/, 'ws')}${path}`;
  }

  /** Made anew for each attempt: a signature is taken once. */
  webSocketHeaders(path: string): Record<string, string> {
    return this.sign({ method: 'GET', path }, undefined, this.proven).headers;
  }

  /** A session the monitor has forgotten, as after a restart, is begun again: that is no other monitor. */
  private async begin(asked: Opened, signal: AbortSignal): Promise<Head> {
    const call = onceOnly(asked);
    const before = this.session;
    const head = await this.send(call, signal, await before);
    if (head.known) return head;
    const token = (await before)?.token ?? null;
    if (before === this.session) await this.prove(token);
    const again = await this.send(call, signal, await this.session);
    if (again.known) return again;
    throw unproved(this.address, 'forgets at once what was proved');
  }

  private async send(
    call: Opened,
    signal: AbortSignal,
    session: ProvenSession | null,
  ): Promise<Head> {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const { headers, counter } = this.sign(call, body, session);
    const sentMs = performance.now();
    const response = await this.exchange(call, headers, body, signal);
    const head = { response, sentMs, answeredMs: performance.now() };
    if (session === null) return { ...head, known: true, checkBody: () => undefined };
    try {
      const info = response.headers['authentication-info'];
      const content = session.check(counter, response.statusCode ?? 0, String(info ?? ''));
      if (content === null) response.resume();
      const checkBody = (bytes: Buffer): void => session.checkBody(bytes, content ?? 'stream');
      return { ...head, known: content !== null, checkBody };
    } catch (error) {
      response.destroy();
      throw error;
    }
  }

  private sign(
    call: Pick<Opened, 'method' | 'path' | 'role' | 'headers'>,
    body: string | undefined,
    session: ProvenSession | null,
  ): { headers: Record<string, string>; counter: number } {
    const { pathname, search } = new URL(call.path, this.base);
    const role = call.role ?? '';
    const line = {
      method: call.method,
      target: pathname + search,
      role,
      idempotencyKey: call.headers?.['Idempotency-Key'] ?? '',
    };
    const { authorization, counter = 0 } = session?.sign(line, body) ?? {};
    const headers = {
      ...(body !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': String(Buffer.byteLength(body)),
      }),
      ...(role !== '' && { 'Pi-Monitor-Role': role }),
      ...(authorization !== undefined && { Authorization: authorization }),
      ...call.headers,
    };
    return { headers, counter };
  }

  private exchange(
    { method, path }: Opened,
    headers: Record<string, string>,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const tls = this.base.startsWith('https:');
    // A connection that was kept may be gone by now, and then nobody knows whether the call was heard:
    // what changes something gets a new one.
    const agent = method === 'GET' ? keepAlive[tls ? 'https' : 'http'] : false;
    return new Promise((resolve, reject) => {
      const request = tls ? httpsRequest : httpRequest;
      const req = request(`${this.base}${path}`, { method, headers, agent, signal }, resolve);
      req.on('error', (error: Error) => {
        if (req.reusedSocket && method === 'GET' && !signal.aborted) {
          this.exchange({ method, path }, headers, body, signal).then(resolve, reject);
        } else reject(this.unreachable(error));
      });
      req.end(body);
    });
  }

  private async answerOf({ response, sentMs, answeredMs, checkBody }: Head): Promise<ApiAnswer> {
    const { statusCode: status = 0, headers } = response;
    const body = await this.readBody(response);
    checkBody(body);
    const contentType = headers['content-type'] ?? 'application/octet-stream';
    return { status, body, contentType, sentMs, answeredMs };
  }

  private async readBody(response: IncomingMessage): Promise<Buffer> {
    try {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > largestAnswer) throw new Error('the answer is too large');
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } catch (error) {
      throw this.unreachable(error);
    }
  }

  private unreachable(error: unknown): Problem {
    const why = error instanceof Error ? wordsFor(error) : String(error);
    return new Problem('unreachable', `${this.address} does not answer: ${why}.`, null, {
      cause: error,
    });
  }
}

/**
 * Whoever sits between can hide that a call was done by saying that its session is not known: so that the
 * second try does nothing twice, each has a key.
 */
function onceOnly(call: Opened): Opened {
  if (call.method === 'GET') return call;
  return { ...call, headers: { 'Idempotency-Key': randomUUID(), ...call.headers } };
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
