/**
 * Sends values that follow each other fast, as a slider's while it is dragged: one at a time, not
 * more often than `everyMs`, and of those that came meanwhile only the newest of each key.
 */
export class NewestSender<T extends object> {
  readonly #send: (value: T) => Promise<void>;
  readonly #everyMs: number;
  #next: T | null = null;
  #busy = false;

  constructor(send: (value: T) => Promise<void>, everyMs: number) {
    this.#send = send;
    this.#everyMs = everyMs;
  }

  push(value: T): void {
    this.#next = { ...this.#next, ...value };
    if (!this.#busy) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    while (this.#next) {
      const value = this.#next;
      this.#next = null;
      await this.#send(value);
      await new Promise((resolve) => setTimeout(resolve, this.#everyMs));
    }
    this.#busy = false;
  }
}
