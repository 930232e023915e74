import { randomBytes } from 'node:crypto';
import {
  contentHash,
  isSame,
  linkKeyOfToken,
  proofOf,
  sessionKey,
  signAnswer,
  signRequest,
  type RequestLine,
} from '../access/link-key.js';
import { isJsonObject } from '../config/merge-patch.js';
import { Problem } from '../errors.js';
import { readAnswer, type ApiAnswer } from './api-answer.js';

/** Asks the other side to begin; nothing in it is secret, nor of use to who hears it. */
type Ask = (body: { key: string; nonce: string }) => Promise<Pick<ApiAnswer, 'status' | 'body'>>;

/** A session with a monitor that has proved to know the token this controller has for it. */
export class ProvenSession {
  private counter = 0;

  private constructor(
    private readonly address: string,
    readonly token: string,
    private readonly name: string,
    private readonly key: Buffer,
  ) {}

  /** Throws `unproved` where the other side does not know the token, whoever it says it is. */
  static async begin(address: string, token: string, ask: Ask): Promise<ProvenSession> {
    const { name, key } = linkKeyOfToken(token);
    const nonce = randomBytes(16).toString('base64url');
    const answer = await ask({ key: name, nonce });
    if (answer.status === 403) readAnswer(answer); // this controller's address is not served there
    const { session, proof } = answer.status === 200 ? fieldsOf(readAnswer(answer)) : {};
    if (typeof session !== 'string' || !/^[\w-]{1,64}$/.test(session)) {
      throw unproved(address, 'does not know this controller (any more)');
    }
    const hello = { nonce, session };
    if (typeof proof !== 'string' || !isSame(proof, proofOf(key, hello))) {
      throw unproved(address, 'cannot prove who it is');
    }
    return new ProvenSession(address, token, session, sessionKey(key, hello));
  }

  /** Each call is another request to the other side, also where it says the same. */
  sign(line: RequestLine, body: string | undefined): { authorization: string; counter: number } {
    const counter = ++this.counter;
    const content = contentHash(body ?? null);
    const signature = signRequest(this.key, counter, line, content);
    return {
      authorization: `PiMonitor ${this.name}.${counter}.${content}.${signature}`,
      counter,
    };
  }

  /**
   * The contentHash an answer's body must have, or `stream`. `info`: its header Authentication-Info,
   * empty where absent. Null where it is not this session's, as after a restart over there. Throws `unproved` where it is forged.
   */
  check(counter: number, status: number, info: string): string | null {
    const [content = '', signature = ''] = info.split('.');
    if (isSame(signature, signAnswer(this.key, counter, status, content))) return content;
    if (status === 401 && info === '') return null;
    throw unproved(this.address, 'gave an answer that is not the monitor’s');
  }

  /** Throws `unproved` where it is not the body that `check` told of. */
  checkBody(body: Buffer, content: string): void {
    if (content === 'stream' || content === contentHash(body)) return;
    throw unproved(this.address, 'sent a body that is not the monitor’s');
  }
}

export function unproved(address: string, what: string): Problem {
  return new Problem(
    'unproved',
    `What answers at ${address} ${what}: pair anew if it is your monitor, else find out who is there.`,
  );
}

function fieldsOf(answer: unknown): Record<string, unknown> {
  return isJsonObject(answer) ? answer : {};
}
