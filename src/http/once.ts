import { Problem } from '../errors.js';
import type { Reply } from './reply.js';

const rememberedMs = 10 * 60_000;
const most = 500;

interface Remembered {
  /** The query and body it was asked with. */
  content: string;
  reply: Promise<Reply>;
  atMs: number;
}

/**
 * Answers a call that is repeated under the same key with what the first one got, without doing it again:
 * a client that lost the answer on the way may ask anew (the header Idempotency-Key).
 */
export class Once {
  private readonly known = new Map<string, Remembered>();

  /**
   * `key` is of the caller's choosing, with the method and path; empty: nothing is remembered. `content`:
   * what is asked. Rejects with `key-reused` where the key was that of something else.
   */
  async run(key: string, content: string, work: () => Promise<Reply>): Promise<Reply> {
    if (key === '') return work();
    this.forget();
    const before = this.known.get(key);
    if (before !== undefined && before.content !== content) {
      const detail = 'This key was given with another query or body: a new call takes a new key.';
      throw new Problem('key-reused', detail, 'Idempotency-Key');
    }
    if (before !== undefined) return before.reply;
    const reply = work();
    this.known.set(key, { content, reply, atMs: performance.now() });
    return reply;
  }

  /** The oldest come first in a Map. */
  private forget(): void {
    const limitMs = performance.now() - rememberedMs;
    for (const [key, { atMs }] of this.known) {
      if (atMs > limitMs && this.known.size < most) return;
      this.known.delete(key);
    }
  }
}
