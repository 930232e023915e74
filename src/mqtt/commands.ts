import { Type, type Static } from '@sinclair/typebox';
import { validator } from '../config/validate.js';
import { Problem, toProblem } from '../errors.js';
import { parseJson } from '../http/body.js';
import type { Operations } from '../http/operations.js';
import type { Reply } from '../http/reply.js';
import type { RequestCaller } from '../http/route.js';
import { Allowance } from './allowance.js';
import type { Message } from './connection.js';

/** A call of the monitor's API, as it comes through a broker. */
const CommandSchema = Type.Object(
  {
    /** Of the caller's choosing: the same again is answered as the first was, and not done again. */
    id: Type.String({ minLength: 1, maxLength: 100 }),
    method: Type.Unsafe<'GET' | 'POST' | 'PATCH' | 'DELETE'>({
      type: 'string',
      enum: ['GET', 'POST', 'PATCH', 'DELETE'],
    }),
    /** From `/api/v1/` on, with the query. */
    path: Type.String({ maxLength: 2000 }),
    body: Type.Optional(Type.Unknown()),
    /** By the monitor's clock: from then on it is not done. Needed for all but GET. */
    expiresWallUs: Type.Optional(Type.Number()),
  },
  { additionalProperties: false },
);
type Command = Static<typeof CommandSchema>;
const readCommand = validator(CommandSchema, 'The command');

export interface CommandReply {
  id: string | null;
  /** As HTTP has it. */
  status: number;
  /** What HTTP answers, or a problem. */
  body: unknown;
}

export interface CommandParts {
  operations: Operations;
  wallUs: () => number;
  /** Null: this broker may command; else why not. */
  refusal: () => Problem | null;
  /** Where the answers go is the caller's matter. False: too many wait already. */
  answer: (to: Message, reply: CommandReply) => void;
}

/** The API remembers what it did for so long: a command that comes later still must have expired. */
const longestLifeUs = 5 * 60e6;
const mostRunning = 16;
/** A reader of messages is held up for so long by each that is too many: so the sender is slowed down. */
const slowedMs = 2;
/** What others take as well. */
const largestAnswer = 200 * 1024;

/** Carries out calls of the API that come through a broker, by the same table and with the same checks. */
export class Commands {
  private readonly allowance = new Allowance(20, 40);
  private running = 0;

  constructor(private readonly parts: CommandParts) {}

  /** Returns at once, unless there are too many. */
  async take(message: Message): Promise<void> {
    // What was kept by the broker is of an hour nobody knows.
    if (message.retained) return;
    if (this.running >= mostRunning || !this.allowance.take(performance.now())) {
      await new Promise((resolve) => setTimeout(resolve, slowedMs));
      return;
    }
    void this.carryOut(message);
  }

  private async carryOut(message: Message): Promise<void> {
    this.running++;
    let id: string | null = null;
    try {
      const content = parseJson(message.payload.toString());
      id = idOf(content);
      const command = readCommand(content);
      this.parts.answer(message, { id, ...(await this.answerTo(command)) });
    } catch (error) {
      const problem = toProblem(error);
      this.parts.answer(message, { id, status: problem.status, body: problem.toJSON() });
    } finally {
      this.running--;
    }
  }

  /**
   * `ON` or `OFF`, as switches say it: to do it twice changes nothing. Nothing else is heeded: an empty
   * message clears what a broker keeps, and must end no recording. Rejects with what is wrong.
   */
  async record(message: Message, recording: boolean): Promise<void> {
    const word = message.payload.toString();
    if (word !== 'ON' && word !== 'OFF') return;
    const on = word === 'ON';
    if (message.retained || on === recording || !this.allowance.take(performance.now())) return;
    await this.perform({ id: '', method: on ? 'POST' : 'DELETE', path: '/api/v1/recording' });
  }

  private async answerTo(command: Command): Promise<Omit<CommandReply, 'id'>> {
    this.refuseLate(command);
    const reply = await this.perform(command);
    if ('stream' in reply || reply.body instanceof Uint8Array) throw notHere();
    const { status, body } = reply;
    if (body === null || body === '') return { status, body: null };
    if (body.length <= largestAnswer) return { status, body: JSON.parse(body) as unknown };
    if (command.method !== 'GET') return { status, body: null }; // it is done
    throw new Problem('too-large', `The answer has ${body.length} bytes: ask for it by HTTP.`);
  }

  private refuseLate({ method, expiresWallUs }: Command): void {
    if (method === 'GET') return;
    const field = 'expiresWallUs';
    if (expiresWallUs === undefined) {
      throw new Problem(
        'invalid-value',
        `${field} is missing: a command must not wait forever.`,
        field,
      );
    }
    const leftUs = expiresWallUs - this.parts.wallUs();
    if (leftUs <= 0) {
      const late = `${(-leftUs / 1e6).toFixed(1)} s late by this machine's clock; nothing was done.`;
      throw new Problem('expired', `It came ${late}`, field);
    }
    if (leftUs > longestLifeUs) {
      throw new Problem('invalid-value', `${field} must be within 5 minutes from now.`, field);
    }
  }

  private async perform({
    id,
    method,
    path,
    body,
  }: Omit<Command, 'expiresWallUs'>): Promise<Reply> {
    const refusal = this.parts.refusal();
    if (refusal !== null) throw refusal;
    const { pathname, searchParams } = urlOf(path);
    const match = this.parts.operations.match(method, pathname);
    if (match === null)
      throw new Problem('not-found', `There is nothing at ${path.slice(0, 200)}.`);
    const { access, docs } = match.route;
    const isJson = [undefined, 'application/json'].includes(docs.answer.content?.type);
    if (access === 'anyone' || !isJson) throw notHere();
    return this.parts.operations.perform(match, {
      caller,
      query: Object.fromEntries(searchParams),
      body: () => Promise.resolve(body ?? {}),
      header: () => '',
      path: pathname,
      key: id,
    });
  }
}

/** A program that the broker has let in. */
const caller: RequestCaller = {
  address: 'mqtt',
  role: 'operate',
  by: 'token',
  signed: null,
  holds: () => true,
};

function idOf(content: unknown): string | null {
  const { id } = (content ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id.slice(0, 100) : null;
}

function urlOf(path: string): URL {
  const base = 'http://monitor';
  if (path.startsWith('/api/v1/') && URL.canParse(path, base)) return new URL(path, base);
  throw new Problem('invalid-value', 'path must begin with /api/v1/.', 'path');
}

function notHere(): Problem {
  return new Problem('not-available', 'Pictures, files and sessions go by HTTP; see the state.');
}
