import { jpegMessage } from '../preview-message';
import type { PreviewMessage } from '../preview-message';
import type { Player, PlayerHandlers } from './player';

/** Frames are never queued: what arrives while one is being decoded replaces what waited. */
export class JpegPlayer implements Player {
  readonly #handlers: PlayerHandlers;
  #waiting: PreviewMessage | null = null;
  #decoding = false;
  #stopped = false;
  /** Sequences received and not yet acknowledged, oldest first. */
  readonly #owed: number[] = [];

  constructor(handlers: PlayerHandlers) {
    this.#handlers = handlers;
  }

  receive(message: PreviewMessage): void {
    if (message.type !== jpegMessage) return;
    this.#owed.push(message.sequence);
    this.#waiting = message;
    if (!this.#decoding) void this.#decodeNewest();
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting = null;
  }

  async #decodeNewest(): Promise<void> {
    this.#decoding = true;
    while (this.#waiting) {
      const message: PreviewMessage = this.#waiting;
      this.#waiting = null;
      await this.#show(message);
      if (!this.#stopped) this.#acknowledgeUpTo(message.sequence);
    }
    this.#decoding = false;
  }

  async #show({ payload, sequence, sensorUs }: PreviewMessage): Promise<void> {
    let picture: ImageBitmap;
    try {
      picture = await createImageBitmap(new Blob([payload], { type: 'image/jpeg' }));
    } catch {
      // A broken picture is skipped: the age on display tells when no good one follows.
      return;
    }
    if (!this.#stopped) this.#handlers.onPicture(picture, picture, { sequence, sensorUs });
    picture.close();
  }

  /** Frames that a newer one replaced are acknowledged with it, in order, or they would fill the window. */
  #acknowledgeUpTo(sequence: number): void {
    for (let next = this.#owed.shift(); next !== undefined; next = this.#owed.shift()) {
      this.#handlers.onDone(next);
      if (next === sequence) return;
    }
  }
}
