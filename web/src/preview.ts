import { acknowledgement, jpegMessage, parsePreviewMessage } from './preview-message';
import type { PreviewMessage } from './preview-message';
import { ReconnectingSocket } from './socket';
import type { LinkState } from './socket';
import type { DrawnFrame } from './view-meter';

export interface PreviewHandlers {
  onState: (state: LinkState) => void;
  /** After each picture drawn. */
  onDrawn: (frame: DrawnFrame) => void;
}

/**
 * Shows the newest frame on a canvas. Frames are never queued: what arrives while one is being
 * decoded replaces what waited. The canvas tells which frame it shows in data-sequence and
 * data-sensor-us.
 */
export class Preview {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #handlers: PreviewHandlers;
  readonly #socket: ReconnectingSocket;
  #width = 0;
  #waiting: PreviewMessage | null = null;
  #decoding = false;
  /** Sequences received and not yet acknowledged, oldest first. */
  #owed: number[] = [];
  /** Grows with each connection, so that a decode that ends late acknowledges nothing to a new one. */
  #connection = 0;

  constructor(canvas: HTMLCanvasElement, handlers: PreviewHandlers) {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser gives no 2D canvas');
    this.#canvas = canvas;
    this.#context = context;
    this.#handlers = handlers;
    this.#socket = new ReconnectingSocket({
      path: () => `/api/v1/preview?codec=jpeg&ack=1&width=${this.#width}`,
      onMessage: (data) => this.#receive(data),
      onState: (state) => {
        if (state !== 'open') this.#forget();
        handlers.onState(state);
      },
    });
  }

  /** Connects, or connects anew where the width is another. */
  start(width: number): void {
    if (width === this.#width) return;
    this.#width = width;
    this.#socket.open();
  }

  stop(): void {
    this.#width = 0;
    this.#socket.close();
  }

  /** Tries now instead of waiting for its time. */
  retry(): void {
    if (this.#width > 0) this.#socket.open();
  }

  #forget(): void {
    this.#connection++;
    this.#waiting = null;
    this.#owed = [];
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data === 'string') return;
    const message = parsePreviewMessage(data);
    if (message?.type !== jpegMessage) return;
    this.#owed.push(message.sequence);
    this.#waiting = message;
    if (!this.#decoding) void this.#decodeNewest();
  }

  async #decodeNewest(): Promise<void> {
    this.#decoding = true;
    while (this.#waiting) {
      const message: PreviewMessage = this.#waiting;
      const connection = this.#connection;
      this.#waiting = null;
      await this.#show(message);
      if (connection === this.#connection) this.#acknowledgeUpTo(message.sequence);
    }
    this.#decoding = false;
  }

  async #show(message: PreviewMessage): Promise<void> {
    let picture: ImageBitmap;
    try {
      picture = await createImageBitmap(new Blob([message.payload], { type: 'image/jpeg' }));
    } catch {
      // A broken picture is skipped: the age on display tells when no good one follows.
      return;
    }
    const { width, height } = picture;
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#context.drawImage(picture, 0, 0);
    picture.close();
    this.#canvas.dataset['sequence'] = String(message.sequence);
    this.#canvas.dataset['sensorUs'] = String(message.sensorUs);
    this.#handlers.onDrawn({
      sequence: message.sequence,
      sensorUs: Number(message.sensorUs),
    });
  }

  /** Frames that a newer one replaced are acknowledged with it, in order, or they would fill the window. */
  #acknowledgeUpTo(sequence: number): void {
    for (let next = this.#owed.shift(); next !== undefined; next = this.#owed.shift()) {
      this.#socket.send(acknowledgement(next));
      if (next === sequence) return;
    }
  }
}
