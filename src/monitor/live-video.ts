import type { Config } from '../config/schema.js';
import type { VideoClass } from '../native.js';
import type { Camera } from './camera.js';
import { encoderRequest } from './encoder-request.js';
import type { LiveViewCounts } from './status.js';

/** Takes the live H.264 for the viewers, and knows how many there are. */
export interface LiveVideoView {
  counts(): LiveViewCounts;
  /** `message` is a whole preview message of type 2 or 3, shared by all; it is not changed. */
  onVideo(videoClass: VideoClass, message: Uint8Array): void;
}

/** Viewers have no more keyframes of a class made than one in this time. */
const keyframeMs = 1000;

/** When a class's last keyframe was asked for, by performance.now(), and the timer of the next. */
interface Asked {
  atMs: number;
  again: NodeJS.Timeout | null;
}

/** Live H.264: made while somebody watches, over restarts of the camera and changes of settings. */
export class LiveVideo {
  private view: LiveVideoView | null = null;
  private fullIsOn = false;
  private readonly asked: Record<VideoClass, Asked> = {
    full: { atMs: -Infinity, again: null },
    small: { atMs: -Infinity, again: null },
  };

  constructor(
    private readonly camera: Camera,
    private readonly settings: () => Config,
  ) {}

  attach(view: LiveVideoView): void {
    this.view = view;
  }

  counts(): LiveViewCounts {
    return this.view?.counts() ?? { viewers: 0, skipped: 0 };
  }

  onVideo(videoClass: VideoClass, message: Uint8Array): void {
    this.view?.onVideo(videoClass, message);
  }

  /**
   * Somebody watches a class, or nobody any more. Rejects where its encoder does not start; without a
   * camera it waits for one. May be called again to have an encoder that failed tried anew.
   */
  async setOn(videoClass: VideoClass, on: boolean): Promise<void> {
    if (videoClass === 'full') this.fullIsOn = on;
    await this.camera.setLiveVideo(videoClass, on, encoderRequest(this.settings()));
  }

  /**
   * Somebody begins to watch: what is shown can begin with the next frame. Soon after another one
   * waits a little, lest all frames become keyframes, which a thin link cannot carry.
   */
  requestKeyframe(videoClass: VideoClass): void {
    const asked = this.asked[videoClass];
    const dueMs = asked.atMs + keyframeMs - performance.now();
    asked.again ??= setTimeout(
      () => {
        asked.again = null;
        asked.atMs = performance.now();
        this.camera.requestLiveKeyframe(videoClass);
      },
      Math.max(0, dueMs),
    ).unref();
  }

  /** The small class has settings of its own. Rejects as `setOn`. */
  async settingsChanged(): Promise<void> {
    if (this.fullIsOn) await this.setOn('full', true);
  }
}
