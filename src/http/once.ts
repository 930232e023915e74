import { createHash } from 'node:crypto';
import { Problem } from '../errors.js';
import type { Reply } from './reply.js';

const rememberedMs = 10 * 60_000;
/** What one answer takes is not much, but it adds up. */
const mostReplies = 500;
/** More than a broker may give in that time, see mqtt/commands.ts. */
const mostCalls = 20_000;

interface Remembered {
  /** Of the query and body it was asked with. */
  content: string;
  /** Null: it was forgotten. */
  reply: Promise<Reply> | null;
  atMs: number;
}

/**
 * Answers a call that is repeated under the same key with what the first one got, without doing it again:
 * a client that lost the answer on the way may ask anew (the header Idempotency-Key). However many others
 * come in between, nothing is done twice: of many the older answers are forgotten, but not that they were
 * given, and what could not be remembered is not done.
 */
export class Once {
  /** By a hash of the key; the oldest come first. */
  private readonly known = new Map<string, Remembered>();
  /** Those whose reply is kept. */
  private readonly replied = new Set<Remembered>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /**
   * `key` is of the caller's choosing, with the method and path; empty: nothing is remembered. `content`:
   * what is asked. Rejects with `key-reused` where the key was that of something else, `answer-forgotten`
   * where the answer is forgotten, `too-many-requests` where too many are remembered.
   */
  async run(key: string, content: string, work: () => Promise<Reply>): Promise<Reply> {
    if (key === '') return work();
    this.forget();
    const [name, asked] = [digest(key), digest(content)];
    const before = this.known.get(name);
    if (before !== undefined) return replyOf(before, asked);
    if (this.known.size >= mostCalls) {
      const detail = `${mostCalls} calls with keys came within ten minutes: wait a minute.`;
      throw new Problem('too-many-requests', detail, 'Idempotency-Key');
    }
    const call = { content: asked, reply: work(), atMs: this.nowMs() };
    this.known.set(name, call);
    this.replied.add(call);
    this.forgetReplies();
    return call.reply;
  }

  private forget(): void {
    const limitMs = this.nowMs() - rememberedMs;
    for (const [name, call] of this.known) {
      if (call.atMs > limitMs) break;
      this.known.delete(name);
      this.replied.delete(call);
    }
  }

  private forgetReplies(): void {
    for (const call of this.replied) {
      if (this.replied.size <= mostReplies) return;
      call.reply = null;
      this.replied.delete(call);
    }
  }
}

async function replyOf({ content, reply }: Remembered, asked: string): Promise<Reply> {
  if (content !== asked) {
    const detail = 'This key was given with another query or body: a new call takes a new key.';
    throw new Problem('key-reused', detail, 'Idempotency-Key');
  }
  if (reply !== null) return reply;
  const detail = 'This call came before and is not done again; its answer is not kept any more.';
  throw new Problem('answer-forgotten', detail, 'Idempotency-Key');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
