import { toProblem, type Problem } from '../../errors.js';
import type { LiveVideoView } from '../../monitor/live-video.js';
import type { LiveViewCounts } from '../../monitor/status.js';
import { readFrame, type Frame } from './frame.js';

/** One who watches H.264, by whatever way it travels. */
export interface VideoViewer {
  /** The next frame. Its `init` is to be sent before it, unless the viewer has it. */
  offer(frame: Frame, init: Frame): void;
  /** There is no encoder for it. */
  refuse(problem: Problem): void;
  /** Called now and then. */
  check(nowMs: number): void;
}

/** What makes the video. */
export interface VideoSource {
  /** Rejects where the encoder does not start. */
  setOn(on: boolean): Promise<void>;
  requestKeyframe(): void;
}

const checkEveryMs = 500;
/** No frame for this long: the encoder may have failed, and is asked for again. */
const silentMs = 5000;

const initType = 2;

/** Gives everyone who watches H.264 the same fragments; nobody watching, none are made. */
export class VideoHub implements LiveVideoView {
  private readonly viewers = new Set<VideoViewer>();
  private init: Frame | null = null;
  private timer: NodeJS.Timeout | null = null;
  private skippedCount = 0;
  private heardAtMs = 0;

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
    if (this.viewers.size === 1) this.begin();
    else this.source.requestKeyframe();
  }

  remove(viewer: VideoViewer): void {
    if (!this.viewers.delete(viewer) || this.viewers.size > 0) return;
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.init = null;
    this.source.setOn(false).catch(() => undefined); // told where the camera runs
  }

  onVideo(message: Uint8Array): void {
    if (this.viewers.size === 0) return; // it was on its way when the last one left
    this.heardAtMs = performance.now();
    const frame = readFrame(message, this.heardAtMs);
    if (message[0] === initType) {
      this.init = frame;
    } else if (this.init !== null) {
      for (const viewer of this.viewers) viewer.offer(frame, this.init);
    }
  }

  private begin(): void {
    this.heardAtMs = performance.now();
    this.source.setOn(true).catch((error: unknown) => {
      for (const viewer of [...this.viewers]) viewer.refuse(toProblem(error));
    });
  }

  private check(): void {
    const now = performance.now();
    for (const viewer of this.viewers) viewer.check(now);
    if (this.viewers.size > 0 && now - this.heardAtMs > silentMs) this.begin();
  }
}
