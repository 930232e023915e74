import { fragmentMessage, initMessage } from '../preview-message';
import type { PreviewMessage } from '../preview-message';
import { avcConfig } from './mp4';
import type { PictureOf, Player, PlayerHandlers } from './player';

type Source = typeof MediaSource;

/** Safari on an iPhone has only the managed kind. */
function sourceKind(): Source | null {
  const { ManagedMediaSource: managed } = window as { ManagedMediaSource?: Source };
  return 'MediaSource' in window ? MediaSource : (managed ?? null);
}

export function hasMediaSource(): boolean {
  return sourceKind() !== null && 'requestVideoFrameCallback' in HTMLVideoElement.prototype;
}

/** Further behind the newest frame than this the video jumps to it, in s. */
const mostBehind = 0.35;
const jumpTo = 0.05;
/** What is older is let go of, in s. */
const kept = 10;

/**
 * Plays H.264 through a video element that is never seen, where there is no WebCodecs. The element
 * keeps a buffer of its own: this is later than the other players by some tenths of a second.
 */
export class MediaSourcePlayer implements Player {
  readonly #handlers: PlayerHandlers;
  readonly #video = document.createElement('video');
  readonly #source: MediaSource;
  readonly #url: string;
  #buffer: SourceBuffer | null = null;
  #waiting: PreviewMessage[] = [];
  #appending: PreviewMessage | null = null;
  /** Frames handed over and not yet shown, oldest first, by their time in the video. */
  #frames: PictureOf[] = [];
  /** Of the video's time to the sensor's, in µs; known from the first fragment. */
  #offsetUs: number | null = null;
  #stopped = false;

  constructor(handlers: PlayerHandlers) {
    const Kind = sourceKind();
    if (!Kind) throw new Error('this browser has no MediaSource');
    this.#handlers = handlers;
    this.#source = new Kind();
    this.#url = URL.createObjectURL(this.#source);
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.disableRemotePlayback = true; // or the managed kind does not open
    this.#video.onerror = () => this.#fail();
    this.#source.onsourceopen = () => this.#next();
    this.#video.src = this.#url;
    this.#follow();
  }

  receive(message: PreviewMessage): void {
    if (message.type !== initMessage && message.type !== fragmentMessage) return;
    this.#waiting.push(message);
    this.#next();
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
    this.#video.onerror = null;
    this.#video.removeAttribute('src');
    this.#video.load();
    URL.revokeObjectURL(this.#url);
  }

  #next(): void {
    if (this.#stopped || this.#appending || this.#source.readyState !== 'open') return;
    const message = this.#waiting.shift();
    if (!message) return;
    try {
      this.#buffer ??= this.#addBuffer(message);
      this.#appending = message;
      this.#buffer.appendBuffer(message.payload);
    } catch {
      this.#fail();
    }
  }

  #addBuffer({ payload }: PreviewMessage): SourceBuffer {
    const { codec = '' } = avcConfig(payload) ?? {};
    const buffer = this.#source.addSourceBuffer(`video/mp4; codecs="${codec}"`);
    buffer.onupdateend = () => this.#appended(buffer);
    return buffer;
  }

  /** Called after an append, and after old parts were let go of. */
  #appended(buffer: SourceBuffer): void {
    if (this.#stopped) return;
    const message = this.#appending;
    this.#appending = null;
    const ranges = buffer.buffered;
    if (message?.type === fragmentMessage && ranges.length > 0) {
      const { sequence, sensorUs } = message;
      this.#offsetUs ??= sensorUs - ranges.start(0) * 1e6;
      this.#frames.push({ sequence, sensorUs });
      this.#handlers.onDone(sequence);
      this.#stayLive(ranges.start(ranges.length - 1), ranges.end(ranges.length - 1));
      const first = ranges.start(0);
      if (this.#video.currentTime - first > 2 * kept) {
        buffer.remove(first, this.#video.currentTime - kept);
        return; // #appended is called again
      }
    }
    this.#next();
  }

  /** Near the newest frame, also over a gap where frames were left out. */
  #stayLive(start: number, end: number): void {
    const { currentTime } = this.#video;
    if (currentTime < start || end - currentTime > mostBehind) {
      this.#video.currentTime = Math.max(start, end - jumpTo);
    }
    if (this.#video.paused) this.#video.play().catch(() => undefined); // tried again with the next
  }

  #follow(): void {
    this.#video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (this.#stopped) return;
      const shownUs = mediaTime * 1e6 + (this.#offsetUs ?? 0);
      // The time in the video is rounded; half a frame at 240 fps decides.
      const past = this.#frames.filter(({ sensorUs }) => sensorUs <= shownUs + 2000);
      this.#frames = this.#frames.slice(past.length);
      const frame = past.at(-1);
      const size = { width: this.#video.videoWidth, height: this.#video.videoHeight };
      if (frame) this.#handlers.onPicture(this.#video, size, frame);
      this.#follow();
    });
  }

  #fail(): void {
    if (!this.#stopped) this.#handlers.onFailure();
  }
}
