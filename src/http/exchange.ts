import { STATUS_CODES } from 'node:http';
import { contentHash } from '../access/link-key.js';
import type { SignedRequest } from '../access/signed-sessions.js';
import { toProblem } from '../errors.js';
import { problemReply, type Headers, type Reply } from './reply.js';
import type { HttpResponse } from './uws.js';

/**
 * One request's answer. uWebSockets.js forbids any use of a response that was aborted or has ended
 * (it crashes), so that all writing goes through here.
 */
export class Exchange {
  /** True once the client has gone or the answer is complete: write nothing more. */
  over = false;
  /** Set where the request was signed: so is its answer. */
  signed: SignedRequest | null = null;
  private readonly onOver: (() => void)[] = [];

  constructor(
    readonly res: HttpResponse,
    /** A HEAD request: the same answer without its body. */
    readonly head: boolean,
    /** On this answer, whatever it is. */
    private readonly always: Headers,
  ) {
    res.onAborted(() => this.finish());
  }

  /** Calls `listener` once the answer is complete or the client has gone. */
  whenOver(listener: () => void): void {
    if (this.over) listener();
    else this.onOver.push(listener);
  }

  send(reply: Reply): void {
    if ('stream' in reply) {
      reply.stream(this); // also where nobody is left to have it: it may hold a file open
      return;
    }
    if (this.over) return;
    const { status, headers, body } = reply;
    this.res.cork(() => {
      this.writeHead(status, headers, contentHash(body));
      if (body === null) this.res.endWithoutBody();
      else if (this.head) this.res.endWithoutBody(Buffer.byteLength(body));
      else this.res.end(body);
    });
    this.finish();
  }

  sendError(error: unknown): void {
    this.send(problemReply(toProblem(error)));
  }

  /** Status and headers; call it corked. `content`: contentHash of the body, where it is known by now. */
  writeHead(status: number, headers: Headers, content = 'stream'): void {
    this.res.writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`);
    const { signed } = this;
    const signature: Headers =
      signed === null ? {} : { 'Authentication-Info': signed.answerInfo(status, content) };
    for (const [name, value] of Object.entries({ ...this.always, ...signature, ...headers })) {
      this.res.writeHeader(name, value);
    }
  }

  /** The answer is complete, or nobody is left to have it. */
  finish(): void {
    if (this.over) return;
    this.over = true;
    for (const listener of this.onOver) listener();
  }

  /** Breaks the connection off, where an answer that has begun cannot be completed. */
  breakOff(): void {
    if (this.over) return;
    this.res.close(); // calls onAborted
    this.finish();
  }
}
