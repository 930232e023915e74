import type { Config } from '../config/schema.js';
import type { Camera } from './camera.js';
import type { LiveViewCounts } from './status.js';

/** Takes the pictures for the viewers; the monitor hands them over and asks for its counts. */
export interface LiveView {
  counts(): LiveViewCounts;
  /** `message` is a whole preview message, shared by all; it is not changed. */
  onPreview(classId: number, message: Uint8Array): void;
  /** The settings, or the camera's picture, may have changed; it is `cameraWidth` pixels wide. */
  onSettings(preview: Config['preview'], cameraWidth: number): void;
}

/** Live JPEGs: brings what the camera gives to the view, once one is attached. */
export class LivePictures {
  private view: LiveView | null = null;

  constructor(
    private readonly camera: Camera,
    private readonly settings: () => Config,
  ) {}

  attach(view: LiveView): void {
    this.view = view;
    this.settingsChanged();
  }

  counts(): LiveViewCounts {
    return this.view?.counts() ?? { viewers: 0, skipped: 0 };
  }

  onPreview(classId: number, message: Uint8Array): void {
    this.view?.onPreview(classId, message);
  }

  /** To be called also when the camera has started: it may have another size. */
  settingsChanged(): void {
    const { preview, camera } = this.settings();
    this.view?.onSettings(preview, this.camera.status()?.camera?.width ?? camera.width);
  }
}
