import type { Reply } from './reply.js';

const rememberedMs = 10 * 60_000;
const most = 500;

interface Remembered {
  reply: Promise<Reply>;
  atMs: number;
}

/**
 * Answers a call that is repeated under the same key with what the first one got, without doing it again:
 * a client that lost the answer on the way may ask anew (the header Idempotency-Key).
 */
export class Once {
  private readonly known = new Map<string, Remembered>();

  /** `key` is of the caller's choosing, with the method and path; empty: nothing is remembered. */
  run(key: string, work: () => Promise<Reply>): Promise<Reply> {
    if (key === '') return work();
    this.forget();
    const before = this.known.get(key);
    if (before !== undefined) return before.reply;
    const reply = work();
    this.known.set(key, { reply, atMs: performance.now() });
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
