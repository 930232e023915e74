import type { Config } from '../config/schema.js';
import type { Camera } from './camera.js';
import { encoderRequest } from './encoder-request.js';
import type { LiveViewCounts } from './status.js';

/** Takes the live H.264 for the viewers, and knows how many there are. */
export interface LiveVideoView {
  counts(): LiveViewCounts;
  /** `message` is a whole preview message of type 2 or 3, shared by all; it is not changed. */
  onVideo(message: Uint8Array): void;
}

/** Viewers have no more keyframes made than one in this time. */
const keyframeMs = 1000;

/** Live H.264: made while somebody watches, over restarts of the camera and changes of settings. */
export class LiveVideo {
  private view: LiveVideoView | null = null;
  private on = false;
  private asking: NodeJS.Timeout | null = null;
  /** By performance.now(). */
  private askedAtMs = -Infinity;

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

  onVideo(message: Uint8Array): void {
    this.view?.onVideo(message);
  }

  /**
   * Somebody watches, or nobody any more. Rejects where the encoder does not start; without a camera
   * it waits for one. May be called again to have an encoder that failed tried anew.
   */
  async setOn(on: boolean): Promise<void> {
    this.on = on;
    await this.camera.setLiveVideo(on, encoderRequest(this.settings()));
  }

  /**
   * Somebody begins to watch: what is shown can begin with the next frame. Soon after another one
   * waits a little, lest all frames become keyframes, which a thin link cannot carry.
   */
  requestKeyframe(): void {
    const dueMs = this.askedAtMs + keyframeMs - performance.now();
    this.asking ??= setTimeout(() => this.askForKeyframe(), Math.max(0, dueMs)).unref();
  }

  private askForKeyframe(): void {
    this.asking = null;
    this.askedAtMs = performance.now();
    this.camera.requestLiveKeyframe();
  }

  /** Rejects as `setOn`. */
  async settingsChanged(): Promise<void> {
    if (this.on) await this.setOn(true);
  }
}
