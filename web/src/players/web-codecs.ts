import { fragmentMessage, initMessage } from '../preview-message';
import type { PreviewMessage } from '../preview-message';
import { avcConfig, frameOf } from './mp4';
import type { Player, PlayerHandlers } from './player';

/** Where the page is secure, or on the machine itself: each frame is shown once it is decoded. */
export function hasWebCodecs(): boolean {
  return 'VideoDecoder' in window;
}

/** Decodes H.264 frame by frame, with no buffer in between. */
export class WebCodecsPlayer implements Player {
  readonly #handlers: PlayerHandlers;
  #decoder: VideoDecoder | null = null;
  /** Of frames in the decoder, by their time stamps. */
  readonly #sequences = new Map<number, number>();

  constructor(handlers: PlayerHandlers) {
    this.#handlers = handlers;
  }

  receive(message: PreviewMessage): void {
    if (message.type === initMessage) this.#configure(message);
    if (message.type === fragmentMessage) this.#decode(message);
  }

  stop(): void {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = null;
    this.#sequences.clear();
  }

  #configure({ payload }: PreviewMessage): void {
    this.stop();
    const config = avcConfig(payload);
    if (!config) {
      this.#handlers.onFailure();
      return;
    }
    const decoder = new VideoDecoder({
      output: (frame) => {
        if (decoder === this.#decoder) this.#show(frame);
        frame.close();
      },
      error: () => {
        if (decoder === this.#decoder) this.#handlers.onFailure();
      },
    });
    this.#decoder = decoder;
    decoder.configure({ ...config, optimizeForLatency: true });
  }

  #decode({ key, sequence, sensorUs, payload }: PreviewMessage): void {
    if (this.#decoder?.state !== 'configured') return;
    this.#sequences.set(sensorUs, sequence);
    const type = key ? 'key' : 'delta';
    this.#decoder.decode(
      new EncodedVideoChunk({ type, timestamp: sensorUs, data: frameOf(payload) }),
    );
  }

  #show(frame: VideoFrame): void {
    const sensorUs = frame.timestamp;
    const sequence = this.#sequences.get(sensorUs);
    if (sequence === undefined) return;
    this.#sequences.delete(sensorUs);
    const size = { width: frame.displayWidth, height: frame.displayHeight };
    this.#handlers.onPicture(frame, size, { sequence, sensorUs });
    this.#handlers.onDone(sequence);
  }
}
