import type { Config } from '../config/schema.js';
import { Problem, toProblem } from '../errors.js';
import type { Logger } from '../log.js';
import { encoderRequest } from './encoder-request.js';
import type {
  Addon,
  CameraRequest,
  ControlInfo,
  ControlValue,
  EncoderRequest,
  NativeEvent,
  NativeStatus,
  PreviewClass,
  Session,
  StreamInfo,
  VideoClass,
} from '../native.js';
import { mergeControls, withoutOverruled } from './automatic-controls.js';

export type CameraState = 'starting' | 'running' | 'camera-lost' | 'failed' | 'closed';

export interface CameraListener {
  onStateChanged: () => void;
  /** The camera is gone or could not be opened; told once for each reason. */
  onProblem: (problem: Problem) => void;
  onEvent: (event: NativeEvent) => void;
  onPreview: (classId: number, message: Uint8Array) => void;
  onVideo: (videoClass: VideoClass, message: Uint8Array) => void;
}

/** How long to wait before a lost or busy camera is tried again; doubles up to the second. */
const retryMs = { first: 2000, longest: 30_000 };

/**
 * The one camera of a monitor: an addon session that is made anew whenever the camera must be
 * opened again. Keeps over that what was set live: controls, preview classes and live video.
 */
export class Camera {
  state: CameraState = 'starting';
  /** Why it does not run. */
  problem: Problem | null = null;

  private session: Session | null = null;
  private settings: Config | null = null;
  /** The camera that was opened with these settings: `auto` must not become another one later. */
  private openedId: string | null = null;
  private previewClasses: PreviewClass[] = [];
  /** The classes that are made, with which encoder. */
  private readonly liveVideo = new Map<VideoClass, EncoderRequest>();
  private controlsSet: { cameraId: string; values: Record<string, ControlValue> } | null = null;
  private watchedFolder: string | null = null;
  private retryTimer: NodeJS.Timeout | null = null;
  private nextRetryMs = retryMs.first;
  private toldProblem: string | null = null;
  private toldFault: string | null = null;

  constructor(
    private readonly addon: Addon,
    private readonly log: Logger,
    private readonly listener: CameraListener,
    /** Runs a task when no other touches the camera. */
    private readonly exclusively: (task: () => Promise<void>) => Promise<void>,
  ) {}

  /** Opens the camera as configured; one that is open is closed before. Throws a Problem. */
  async open(settings: Config): Promise<StreamInfo> {
    this.settings = settings;
    this.openedId = null;
    this.enter('starting', null);
    return this.openSession(settings);
  }

  private async openSession(settings: Config): Promise<StreamInfo> {
    await this.closeSession();
    const session = new this.addon.Session({
      onEvent: (event) => this.guarded(() => this.onEvent(session, event)),
      onPreview: (classId, message) =>
        this.guarded(() => this.listener.onPreview(classId, message)),
      onVideo: (videoClass, message) =>
        this.guarded(() => this.listener.onVideo(videoClass, message)),
    });
    this.session = session;
    try {
      const stream = await session.start(cameraRequest(settings));
      this.openedId = stream.id;
      this.restore(session, stream, settings);
      this.nextRetryMs = retryMs.first;
      this.toldProblem = null;
      this.enter('running', null);
      return stream;
    } catch (error) {
      await this.closeSession();
      const problem = toProblem(error);
      this.fail(problem);
      throw problem;
    }
  }

  async close(): Promise<void> {
    await this.closeSession();
    this.enter('closed', null);
  }

  /**
   * Starts the camera that runs again, or opens it anew, under the recording that may run. Rejects
   * where it does not come; the recording still waits then.
   */
  async restart(reopen: boolean): Promise<void> {
    const session = this.running();
    await session.restartCamera(reopen);
    if (reopen) this.restoreControls(session, session.status().camera?.id ?? '');
  }

  /** Lets a camera go that does not deliver; it is tried again later. */
  async giveUp(problem: Problem): Promise<void> {
    await this.closeSession();
    this.fail(problem);
  }

  /** The session of a camera that runs; throws what keeps it from running. */
  running(): Session {
    if (this.session !== null && this.state === 'running') return this.session;
    throw this.problem ?? new Problem('camera-lost', 'The camera is not running yet.');
  }

  status(): NativeStatus | null {
    return this.session?.status() ?? null;
  }

  controls(): ControlInfo[] {
    return this.running().controls();
  }

  setControls(values: Record<string, ControlValue>): ControlInfo[] {
    const session = this.running();
    const effective = withoutOverruled(values);
    const controls = session.setControls(effective);
    const cameraId = session.status().camera?.id ?? '';
    const before = this.controlsSet?.cameraId === cameraId ? this.controlsSet.values : {};
    this.controlsSet = { cameraId, values: mergeControls(before, effective) };
    return controls;
  }

  setPreview(classes: PreviewClass[]): void {
    this.previewClasses = classes;
    if (this.state === 'running') this.session?.setPreview(classes);
  }

  /** Holds for later cameras too. Rejects where the encoder does not start. */
  async setLiveVideo(videoClass: VideoClass, on: boolean, encoder: EncoderRequest): Promise<void> {
    if (on) this.liveVideo.set(videoClass, encoder);
    else this.liveVideo.delete(videoClass);
    if (this.state === 'running') await this.session?.setLiveVideo(videoClass, on, encoder);
  }

  requestLiveKeyframe(videoClass: VideoClass): void {
    if (this.state === 'running') this.session?.requestLiveKeyframe(videoClass);
  }

  /** Takes over the configured pre-roll; a recording that runs is followed by it. */
  async setPreRoll(settings: Config): Promise<void> {
    if (this.state === 'running' && this.session !== null) {
      await this.applyPreRoll(this.session, settings);
    }
  }

  /** An encoder that is missing is no reason to be without pictures: it is told. */
  private async applyPreRoll(session: Session, settings: Config): Promise<void> {
    const milliseconds = Math.round(settings.recording.preRoll * 1000);
    try {
      await session.setPreRoll(milliseconds, encoderRequest(settings));
    } catch (error) {
      if (session === this.session) this.listener.onProblem(toProblem(error));
    }
  }

  /** The folder whose disk the status tells of; it must exist. */
  watchDisk(folder: string): void {
    if (this.watchedFolder === folder) return;
    this.watchedFolder = folder;
    this.session?.watchDisk(folder);
  }

  /** What a viewer set before a restart holds after it; another camera starts with its own. */
  private restore(session: Session, stream: StreamInfo, settings: Config): void {
    session.setPreview(this.previewClasses);
    for (const [videoClass, encoder] of this.liveVideo) {
      session
        .setLiveVideo(videoClass, true, encoder)
        .catch((error: unknown) => this.listener.onProblem(toProblem(error)));
    }
    void this.applyPreRoll(session, settings);
    if (this.watchedFolder !== null) session.watchDisk(this.watchedFolder);
    this.restoreControls(session, stream.id);
  }

  private restoreControls(session: Session, cameraId: string): void {
    if (this.controlsSet?.cameraId !== cameraId) return;
    try {
      session.setControls(this.controlsSet.values);
    } catch (error) {
      // With another size or rate a value may be out of range: the camera's defaults hold then.
      this.listener.onProblem(toProblem(error));
      this.controlsSet = null;
    }
  }

  /** What goes wrong with a viewer or an event is told, once, and does not end the recording. */
  private guarded(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      const problem = toProblem(error);
      if (this.toldFault !== problem.message) this.listener.onProblem(problem);
      this.toldFault = problem.message;
    }
  }

  private onEvent(session: Session, event: NativeEvent): void {
    this.listener.onEvent(event);
    if (event.type !== 'camera-lost' || session !== this.session) return;
    this.fail(toProblem(Object.assign(new Error(event.message), { code: event.code })));
  }

  private fail(problem: Problem): void {
    // One that is not there may be plugged in (again); a change of settings goes back to the old
    // camera by itself, and with that ends the tries.
    const missing = problem.code === 'camera-unknown';
    const lost = problem.policy === 'retry' || (missing && this.openedId !== null);
    if (this.toldProblem !== problem.message) this.listener.onProblem(problem);
    this.toldProblem = problem.message;
    this.enter(lost ? 'camera-lost' : 'failed', problem);
    if (lost || missing) this.retryLater();
  }

  private retryLater(): void {
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => void this.retry(), this.nextRetryMs);
    this.nextRetryMs = Math.min(this.nextRetryMs * 2, retryMs.longest);
  }

  private async retry(): Promise<void> {
    await this.exclusively(async () => {
      if (this.retryTimer === null || this.settings === null) return; // opened or closed meanwhile
      const before = this.problem;
      const { settings } = this;
      const id = this.openedId ?? settings.camera.id;
      const again = { ...settings, camera: { ...settings.camera, id } };
      const opened = await this.openSession(again).catch(() => null);
      if (opened === null) return;
      this.log.info({ camera: opened.id, after: before?.code }, 'The camera runs again.');
    });
  }

  private async closeSession(): Promise<void> {
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.retryTimer = null;
    const session = this.session;
    this.session = null;
    await session?.close();
  }

  private enter(state: CameraState, problem: Problem | null): void {
    this.state = state;
    this.problem = problem;
    this.listener.onStateChanged();
  }
}

/** The configured camera; a second stream is as wide as the widest live picture. */
export function cameraRequest({ camera, preview }: Config): CameraRequest {
  const previewWidth = Math.min(preview.width, camera.width);
  const previewHeight = Math.round((previewWidth * camera.height) / camera.width / 2) * 2;
  return { ...camera, previewWidth, previewHeight };
}
