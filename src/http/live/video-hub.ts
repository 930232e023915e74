import { toProblem, type Problem } from '../../errors.js';
import type { LiveVideoView } from '../../monitor/live-video.js';
import type { LiveViewCounts } from '../../monitor/status.js';
import { videoClasses, type VideoClass } from '../../native.js';
import { readFrame, type Frame } from './frame.js';

/** One who watches H.264, by whatever way it travels. */
export interface VideoViewer {
  /** What it is to be offered: one class, or two while it moves from one to the other. */
  readonly classes: readonly VideoClass[];
  /** The next frame. Its `init` is to be sent before it, unless the viewer has it. */
  offer(videoClass: VideoClass, frame: Frame, init: Frame): void;
  /** There is no encoder for the class. */
  refuse(videoClass: VideoClass, problem: Problem): void;
  /** Called now and then. */
  check(nowMs: number): void;
}

/** What makes the video. */
export interface VideoSource {
  /** Rejects where the class's encoder does not start. */
  setOn(videoClass: VideoClass, on: boolean): Promise<void>;
  requestKeyframe(videoClass: VideoClass): void;
}

/** A class while somebody watches it. */
interface Stream {
  init: Frame | null;
  /** By performance.now(). */
  heardAtMs: number;
}

const checkEveryMs = 500;
/** No frame for this long: the encoder may have failed, and is asked for again. */
const silentMs = 5000;

const initType = 2;

/** Gives all who watch a class of H.264 the same fragments; nobody watching, none are made. */
export class VideoHub implements LiveVideoView {
  private readonly viewers = new Set<VideoViewer>();
  private readonly streams = new Map<VideoClass, Stream>();
  private timer: NodeJS.Timeout | null = null;
  private skippedCount = 0;

  constructor(private readonly source: VideoSource) {}

  counts(): LiveViewCounts {
    return { viewers: this.viewers.size, skipped: this.skippedCount };
  }

  /** A frame was there for a viewer that could not be sent to it. */
  countSkipped(): void {
    this.skippedCount++;
  }

  add(viewer: VideoViewer): void {
    this.viewers.add(viewer);
    this.timer ??= setInterval(() => this.check(), checkEveryMs).unref();
    for (const videoClass of viewer.classes) this.want(videoClass);
  }

  remove(viewer: VideoViewer): void {
    this.viewers.delete(viewer);
    if (this.viewers.size === 0 && this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
    this.endUnwatched();
  }

  /** A viewer begins with this class: it is made, or a keyframe in it. */
  want(videoClass: VideoClass): void {
    if (this.streams.has(videoClass)) this.source.requestKeyframe(videoClass);
    else this.begin(videoClass);
  }

  /** What nobody watches any more is made no longer. */
  endUnwatched(): void {
    for (const videoClass of this.streams.keys()) {
      if (this.viewersOf(videoClass).length > 0) continue;
      this.streams.delete(videoClass);
      this.source.setOn(videoClass, false).catch(() => undefined); // told where the camera runs
    }
  }

  onVideo(videoClass: VideoClass, message: Uint8Array): void {
    const stream = this.streams.get(videoClass);
    if (stream === undefined) return; // it was on its way when the last one left
    stream.heardAtMs = performance.now();
    const frame = readFrame(message, stream.heardAtMs);
    if (message[0] === initType) {
      stream.init = frame;
    } else if (stream.init !== null) {
      for (const viewer of this.viewersOf(videoClass)) viewer.offer(videoClass, frame, stream.init);
    }
  }

  private viewersOf(videoClass: VideoClass): VideoViewer[] {
    return [...this.viewers].filter(({ classes }) => classes.includes(videoClass));
  }

  private begin(videoClass: VideoClass): void {
    const init = this.streams.get(videoClass)?.init ?? null;
    this.streams.set(videoClass, { init, heardAtMs: performance.now() });
    this.source.setOn(videoClass, true).catch((error: unknown) => {
      const problem = toProblem(error);
      for (const viewer of this.viewersOf(videoClass)) viewer.refuse(videoClass, problem);
    });
  }

  private check(): void {
    const now = performance.now();
    for (const viewer of this.viewers) viewer.check(now);
    for (const videoClass of videoClasses) {
      const stream = this.streams.get(videoClass);
      if (stream !== undefined && now - stream.heardAtMs > silentMs) this.begin(videoClass);
    }
  }
}
