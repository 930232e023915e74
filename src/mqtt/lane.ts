/**
 * Sends one after the other: the next goes once the broker has the one before. So a broker that is slow
 * holds at most `most` here and one on the way; the oldest gives way, for the newest is what counts.
 */
export class Lane<T> {
  private waiting: T[] = [];
  private sending = false;

  constructor(
    private readonly send: (item: T) => Promise<void>,
    private readonly most: number,
  ) {}

  put(item: T): void {
    this.waiting.push(item);
    if (this.waiting.length > this.most) this.waiting.shift();
    if (!this.sending) void this.run();
  }

  /** The connection is gone, and with it what waited. */
  clear(): void {
    this.waiting = [];
  }

  private async run(): Promise<void> {
    this.sending = true;
    for (let item = this.waiting.shift(); item !== undefined; item = this.waiting.shift()) {
      // Where it fails the connection does as well, and all begins anew.
      await this.send(item).catch(() => undefined);
    }
    this.sending = false;
  }
}
