import { JpegPlayer } from './players/jpeg';
import { hasMediaSource, MediaSourcePlayer } from './players/media-source';
import type { PictureOf, Player, PlayerHandlers, Size } from './players/player';
import { hasWebCodecs, WebCodecsPlayer } from './players/web-codecs';
import { acknowledgement, parsePreviewMessage } from './preview-message';
import { ReconnectingSocket } from './socket';
import type { LinkState } from './socket';

/** Pictures one by one, or video: the recording's own in full size, or a smaller one on a thin link. */
export type Codec = 'jpeg' | 'h264';

/** A frame on the canvas, and how it came. */
export interface DrawnFrame extends PictureOf {
  codec: Codec;
}

/** Why pictures come instead of video. */
export type FallbackReason = 'unplayable' | 'slow';

export interface PreviewHandlers {
  onState: (state: LinkState) => void;
  /** After each picture drawn. */
  onDrawn: (frame: DrawnFrame) => void;
  /**
   * This browser cannot play the video, or the monitor cannot make one; or the network carries not
   * even the smallest. Pictures come instead.
   */
  onFallback: (reason: FallbackReason) => void;
}

/** The server's close codes where it has no encoder for a viewer, and where the link is too thin. */
const noEncoder = 4003;
const tooSlow = 4004;

export function canPlayVideo(): boolean {
  return hasWebCodecs() || hasMediaSource();
}

/**
 * Shows the newest frame on a canvas, which tells which one it is in data-sequence and
 * data-sensor-us.
 */
export class Preview {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #handlers: PreviewHandlers;
  readonly #socket: ReconnectingSocket;
  #codec: Codec;
  #width = 0;
  /** A new one with each connection, so that what ends late goes nowhere. */
  #player: Player | null = null;

  constructor(canvas: HTMLCanvasElement, codec: Codec, handlers: PreviewHandlers) {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser gives no 2D canvas');
    this.#canvas = canvas;
    this.#context = context;
    this.#codec = codec === 'h264' && canPlayVideo() ? 'h264' : 'jpeg';
    this.#handlers = handlers;
    this.#socket = new ReconnectingSocket({
      path: () => `/api/v1/preview?codec=${this.#codec}&ack=1&width=${this.#width}`,
      onMessage: (data) => {
        const message = typeof data === 'string' ? null : parsePreviewMessage(data);
        if (message) this.#player?.receive(message);
      },
      onState: (state) => {
        if (state !== 'open') this.#stopPlayer();
        if (state === 'connecting') this.#player = this.#newPlayer();
        handlers.onState(state);
      },
      onRefused: (code) => {
        if (code === noEncoder) this.#fallBack('unplayable');
        if (code === tooSlow) this.#fallBack('slow');
      },
    });
  }

  /** Connects, or connects anew where the width is another: video has none to ask for. */
  start(width: number): void {
    if (width === this.#width || (this.#width > 0 && this.#codec === 'h264')) return;
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

  #newPlayer(): Player {
    const handlers: PlayerHandlers = {
      onPicture: (picture, size, frame) => this.#draw(picture, size, frame),
      onDone: (sequence) => this.#socket.send(acknowledgement(sequence)),
      onFailure: () => this.#fallBack('unplayable'),
    };
    if (this.#codec === 'jpeg') return new JpegPlayer(handlers);
    return hasWebCodecs() ? new WebCodecsPlayer(handlers) : new MediaSourcePlayer(handlers);
  }

  #stopPlayer(): void {
    this.#player?.stop();
    this.#player = null;
  }

  #fallBack(reason: FallbackReason): void {
    if (this.#codec === 'jpeg') return;
    this.#codec = 'jpeg';
    this.#handlers.onFallback(reason);
    this.retry();
  }

  #draw(picture: CanvasImageSource, { width, height }: Size, frame: PictureOf): void {
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#context.drawImage(picture, 0, 0, width, height);
    this.#canvas.dataset['sequence'] = String(frame.sequence);
    this.#canvas.dataset['sensorUs'] = String(frame.sensorUs);
    this.#handlers.onDrawn({ ...frame, codec: this.#codec });
  }
}
