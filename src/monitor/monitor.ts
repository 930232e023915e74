import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ConfigPatch } from '../config/config.js';
import type { Config } from '../config/schema.js';
import type { ConfigStore } from '../config/store.js';
import { Problem, toProblem } from '../errors.js';
import type { Logger } from '../log.js';
import type {
  Addon,
  CameraInfo,
  ControlInfo,
  ControlValue,
  EncoderNode,
  LibcameraBuild,
  NativeClock,
  PreviewClass,
} from '../native.js';
import { hookEventOf } from '../hooks/hook-event.js';
import { Hooks } from '../hooks/hooks.js';
import { Schedule } from '../schedule/schedule.js';
import { bySchedule, Scheduler, type ScheduledRecordings } from '../schedule/scheduler.js';
import { entryOf, type MappingChange } from '../system/clock-mapping.js';
import { readBootId } from '../system/boot-id.js';
import { boardSerial, loadIdentity } from '../system/identity.js';
import { removeUnfinished } from '../media/derived.js';
import { Media } from '../media/media.js';
import { Serial } from '../system/serial.js';
import { setClock, type ToldTime } from '../system/set-clock.js';
import type { ClockState } from '../system/wall-clock.js';
import { Camera } from './camera.js';
import { CameraKeeper } from './camera-keeper.js';
import type { Certificate } from './certificate.js';
import { changeSettings } from './change-settings.js';
import { ClockWatch } from './clock-watch.js';
import { certificateAtEnd } from './continuation.js';
import { DiskGuard, roomToKeep } from './disk-guard.js';
import { EventLog, type MonitorEvent } from './events.js';
import { FrameFlow } from './frame-flow.js';
import { Heartbeat } from './heartbeat.js';
import { History } from './history.js';
import { Library } from './library.js';
import { receiveNativeEvent, type EventReceivers } from './native-events.js';
import { LiveVideo } from './live-video.js';
import { Notices } from './notices.js';
import { noteOf, type Note } from './notes.js';
import { Presets } from './presets.js';
import { Recorder } from './recorder.js';
import { checkName } from './recording-name.js';
import { Retention } from './retention.js';
import { Recordings } from './recordings.js';
import { Recovery } from './recovery.js';
import { Starter, type RecordingWish } from './starter.js';
import { assembleStatus, type LiveViewCounts, type MonitorState, type Status } from './status.js';
import { Vitals } from './vitals.js';

/** Takes the pictures for the viewers; the monitor hands them over and asks for its counts. */
export interface LiveView {
  counts(): LiveViewCounts;
  /** `message` is a whole preview message, shared by all; it is not changed. */
  onPreview(classId: number, message: Uint8Array): void;
  /** The settings, or the camera's picture, may have changed; it is `cameraWidth` pixels wide. */
  onSettings(preview: Config['preview'], cameraWidth: number): void;
}

/** What is told of a recording that has begun or, for a later instant, is armed. */
export interface StartedRecording {
  name: string;
  state: 'recording' | 'armed';
  /** Null until the first frame is there. */
  firstSensorNs: number | null;
  firstWallUs: number | null;
  /** Null where it was to begin at once. */
  startAtWallUs: number | null;
}

/**
 * One Pi: its camera, its recordings, and what is to be told of them. Everything that answers a
 * question answers from memory; tasks that change the camera run one after the other.
 */
export class Monitor {
  readonly events = new EventLog();
  readonly recordings: Recordings;
  readonly library: Library;
  readonly media: Media;
  readonly presets: Presets;
  readonly history = new History();
  readonly schedule: Schedule;
  readonly scheduler: Scheduler;
  readonly host = hostname().split('.')[0] ?? '';

  readonly video: LiveVideo;

  private readonly camera: Camera;
  private readonly keeper: CameraKeeper;
  private readonly recorder: Recorder;
  private readonly vitals = new Vitals();
  private readonly clock: ClockWatch;
  private readonly disk = new DiskGuard(() => this.settings);
  private readonly notices: Notices;
  private readonly flow = new FrameFlow();
  private readonly cameraTasks = new Serial();
  private readonly heartbeat: Heartbeat;
  private readonly starter: Starter;
  private readonly recovery: Recovery;
  private readonly receivers: EventReceivers;
  private readonly retention: Retention;
  private readonly hooks: Hooks;
  private live: LiveView | null = null;
  private id = '';
  private bootId: string | null = null;
  private hardware: EncoderNode | null = null;
  private stopping = false;
  private resolveGaveUp!: () => void;
  /** Resolves when a camera that ran has been given up, with what was recorded final. */
  readonly gaveUp = new Promise<void>((resolve) => (this.resolveGaveUp = resolve));

  constructor(
    private readonly addon: Addon,
    private readonly store: ConfigStore,
    private readonly log: Logger,
  ) {
    const notices = new Notices(this.events, log);
    const onStateChanged = (): void => {
      notices.state(this.state);
      this.tellLiveView(); // a camera that has started may have another size
    };
    this.notices = notices;
    this.presets = new Presets(join(store.dataFolder, 'presets.json'), this);
    this.recordings = new Recordings(join(store.dataFolder, 'recordings'));
    this.camera = new Camera(
      addon,
      log,
      {
        onStateChanged,
        onProblem: (problem) => notices.error(problem),
        onEvent: (event) => receiveNativeEvent(event, this.receivers),
        onPreview: (classId, message) => this.live?.onPreview(classId, message),
        onVideo: (message) => this.video.onVideo(message),
      },
      (task) => this.cameraTasks.run(task),
    );
    this.video = new LiveVideo(this.camera, () => this.settings);
    this.keeper = new CameraKeeper(
      this.camera,
      {
        onTrouble: (problem) => notices.error(problem),
        onGiveUp: async () => {
          await this.recorder.stop('camera-lost').catch(() => undefined); // there may be none
          this.resolveGaveUp();
        },
      },
      (task) => this.cameraTasks.run(task),
    );
    this.recorder = new Recorder(
      this.recordings,
      {
        onStateChanged,
        onStarted: (running) => {
          this.camera.watchDisk(this.recordings.folder); // it may not have been there before
          notices.recordingStarted(running);
        },
        onEnded: (certificate) => {
          notices.recordingEnded(certificate);
          this.scheduler.onEnded(certificate);
        },
        onCalledOff: (name) => notices.recordingCalledOff(name),
        onTrouble: (problem) => notices.error(problem),
      },
      (active, ending) => certificateAtEnd(active, ending, this.vitals.worst()),
    );
    this.library = new Library(
      this.recordings,
      {
        running: () => this.recorder.running,
        progress: () => this.camera.status()?.recording ?? null,
        isBeingRepaired: (name) => this.recovery.isBeingRepaired(name),
      },
      {
        beforeRemoval: (name) => this.media.jobs.cancelOf(name),
        onRemoved: (name, why) => notices.recordingRemoved(name, why),
        onTransferred: (name, by) => {
          notices.recordingTransferred(name, by);
          void this.retention.look();
        },
      },
    );
    this.media = new Media(
      {
        recordings: this.library,
        keepFree: () => roomToKeep(this.settings),
        onChange: (job) => notices.job(job),
      },
      () => removeUnfinished(this.recordings.folder),
    );
    this.schedule = new Schedule(join(store.dataFolder, 'schedule.json'), () =>
      this.scheduler.lookSoon(),
    );
    this.scheduler = new Scheduler(this.schedule, {
      running: () => this.runningByWhom(),
      start: (wish) => this.cameraTasks.run(() => this.beginRecording({ ...wish, by: bySchedule })),
      stop: () => this.recorder.stop('schedule'),
      onTrouble: (problem) => notices.error(problem),
      now: Date.now,
    });
    const { camera, keeper, recorder, recordings, disk, flow, history, vitals } = this;
    const settings = (): Config => this.settings;
    const bootId = (): string | null => this.bootId;
    this.starter = new Starter({
      ...{ addon, camera, recorder, recordings, disk, vitals, settings, bootId },
      host: this.host,
      clock: () => this.clock.state,
      versions: () => this.status().versions,
    });
    this.recovery = new Recovery({
      ...{ addon, recordings, recorder, starter: this.starter, notices, settings, bootId },
      exclusively: (task) => this.cameraTasks.run(task),
    });
    const { resumption } = this.recovery;
    this.receivers = { camera, keeper, recorder, notices };
    this.heartbeat = new Heartbeat({
      ...{ camera, keeper, recorder, recordings, disk, flow, notices, history, vitals, resumption },
      viewers: () => (this.live?.counts().viewers ?? 0) + this.video.counts().viewers,
    });
    this.retention = new Retention(this.settings.retention, {
      recordings: this.recordings,
      remove: (name) => this.library.remove(name, 'retention'),
      onTrouble: (problem) => notices.error(problem),
    });
    this.hooks = new Hooks(this.settings.hooks, (problem) => notices.error(problem));
    this.events.subscribe((event) => this.callHooks(event));
    this.clock = new ClockWatch(() => addon.clockState(), {
      onClock: (state, change) => {
        notices.clock(state, change);
        if (change !== null) this.certifyMapping(change);
      },
    });
  }

  /** Never throws for a camera or a disk that fails: the server stays up and says what is wrong. */
  async start(): Promise<void> {
    this.notices.state(this.state);
    this.lookForEncoder();
    this.bootId = await readBootId();
    await this.prepareFolders();
    this.recovery.start();
    this.media.start();
    await this.schedule.load().catch((error: unknown) => this.notices.error(toProblem(error)));
    await Promise.all([
      this.vitals.start(),
      this.clock.start(),
      this.cameraTasks.run(() => this.camera.open(this.settings)).catch(() => undefined),
    ]);
    this.heartbeat.start();
    void this.recovery.decided.then(() => this.startSchedule());
    this.retention.start();
  }

  /**
   * Ends a recording with its file final, then the camera. `forGood`: a person wants it; else the
   * recording goes on when the program is started again.
   */
  async stop(forGood = false): Promise<void> {
    this.stopping = true;
    this.notices.state(this.state);
    this.scheduler.stop();
    this.retention.stop();
    this.vitals.stop();
    this.clock.stop();
    this.heartbeat.stop();
    const converted = this.media.stop();
    await this.cameraTasks.run(async () => {
      if (this.recorder.running !== null) await this.recorder.stop('shutdown', forGood);
      await this.camera.close();
    });
    await this.recovery.stop();
    await converted;
    await this.recordings.saveUnsaved();
    await this.hooks.stop();
  }

  get settings(): Config {
    return this.store.current;
  }

  get state(): MonitorState {
    const { running } = this.recorder;
    if (this.stopping || running?.stopping === true) return 'stopping';
    if (running?.started != null) return 'recording';
    if (running?.armed === true) return 'armed';
    if (this.camera.state === 'running') return 'idle';
    return this.camera.state === 'closed' ? 'stopping' : this.camera.state;
  }

  /** Whether a camera is open, and so has to deliver. */
  get cameraOpen(): boolean {
    return this.camera.state === 'running';
  }

  /** Whether the camera delivers frames now. */
  get flowing(): boolean {
    const native = this.camera.status();
    if (native?.camera == null || this.camera.state !== 'running') return false;
    this.flow.look(native.frames.captured, performance.now());
    return this.flow.flowing(native.camera.fps, performance.now());
  }

  status(): Status {
    const native = this.camera.status();
    const disk = native?.disk?.present === true ? native.disk : null;
    return assembleStatus({
      id: this.id,
      host: this.host,
      state: this.state,
      problem: this.camera.problem?.toJSON() ?? null,
      settings: this.settings,
      hardware: this.hardware,
      native,
      running: this.recorder.running,
      live: this.live?.counts() ?? { viewers: 0, skipped: 0 },
      video: this.video.counts(),
      hoursLeft: disk && this.disk.hoursLeft(disk),
      reserveBytes: disk && this.disk.reserveBytes(disk.totalBytes),
      health: this.vitals.health,
      clock: this.clock.state,
      versions: { ...this.addon.versions, ffmpeg: this.media.ffmpeg?.version ?? null },
      lastEventId: this.events.lastId,
    });
  }

  /** The sensor's clock and the wall clock, read just now. */
  readClocks(): { monotonicNs: number; wallUs: number } {
    const { monotonicNs, wallUs } = this.addon.clockState();
    return { monotonicNs, wallUs };
  }

  /** Resolves once the first frame is through the gate or, for a later instant, all is ready. */
  async startRecording(wish: RecordingWish): Promise<StartedRecording> {
    this.recorder.refuseIfRunning();
    if (wish.name !== undefined) checkName(wish.name);
    try {
      return await this.cameraTasks.run(() => this.beginRecording(wish));
    } catch (error) {
      const problem = toProblem(error);
      if (isOfMachine(problem)) this.notices.error(problem);
      throw problem;
    }
  }

  /** Not before what was broken off has had its chance to go on. */
  private startSchedule(): void {
    if (!this.stopping) this.scheduler.start();
  }

  private callHooks(event: MonitorEvent): void {
    const { host } = this;
    const { folder } = this.recordings;
    const running = this.recorder.running?.name ?? null;
    const told = hookEventOf(event, { host, folder, running });
    if (told !== null) this.hooks.call(told);
  }

  private runningByWhom(): ReturnType<ScheduledRecordings['running']> {
    const { running } = this.recorder;
    const { pending } = this.recovery;
    if (pending !== null) return { name: pending.name, by: pending.start.by, busy: true };
    if (running === null) return null;
    const busy = running.started === null || running.stopping;
    return { name: running.name, by: running.by, busy };
  }

  private async beginRecording(wish: RecordingWish): Promise<StartedRecording> {
    const { name, started, certificate } = await this.starter.start(wish);
    const startAtWallUs = certificate.start.at?.wallUs ?? null;
    if (started === null && startAtWallUs !== null)
      this.notices.recordingArmed(name, startAtWallUs);
    return {
      name,
      state: started === null ? 'armed' : 'recording',
      firstSensorNs: started?.firstSensorNs ?? null,
      firstWallUs: started?.firstWallUs ?? null,
      startAtWallUs,
    };
  }

  /** Resolves with the certificate once the files are final; null where it was armed only. */
  async stopRecording(): Promise<Certificate | null> {
    return this.recorder.stop('requested');
  }

  /** Lets the recording go on in a new segment; resolves with its number once that is opened. */
  async splitRecording(): Promise<{ name: string; segment: number }> {
    return this.recorder.split();
  }

  /** Resolves once the note stands in the certificate. `atWallUs`: of an earlier instant. */
  async takeNote(text: string, atWallUs: number | null): Promise<Note> {
    const { running } = this.recorder;
    const part = noteOf(text, atWallUs, this.addon.clockState(), this.camera.status());
    const note = { ...part, frame: part.frame + (running?.continues?.frames?.written ?? 0) };
    const name = running?.name ?? '';
    const taken = await this.recorder.amend((certificate) => ({
      ...certificate,
      notes: [...certificate.notes, note],
    }));
    if (!taken) throw new Problem('not-recording', 'The recording is ending.');
    this.notices.noted(name, note);
    return note;
  }

  /** Merges a patch from the network into the configuration, and restarts the camera if need be. */
  async patchConfig(patch: ConfigPatch): Promise<Config> {
    const { store, camera, recorder } = this;
    const after = await this.cameraTasks.run(() => changeSettings(patch, store, camera, recorder));
    this.tellLiveView();
    await this.video.settingsChanged().catch((error: unknown) => {
      this.notices.error(toProblem(error));
    });
    return after;
  }

  /** This machine's wall clock, µs. */
  wallUs(): number {
    return this.addon.clockState().wallUs;
  }

  async cameras(): Promise<{ items: CameraInfo[]; libcamera: LibcameraBuild }> {
    return { items: await this.addon.listCameras(), libcamera: this.addon.libcamera };
  }

  /** Sets the wall clock. Throws `clock-kept` where a time server does, or what keeps it from that. */
  async setClock(told: ToldTime): Promise<ClockState> {
    const readClocks = (): NativeClock => this.addon.clockState();
    const receivedNs = readClocks().monotonicNs;
    if (this.clock.state.source === 'ntp') {
      throw new Problem('clock-kept', 'A time server sets this clock better than a device can.');
    }
    return this.clock.whileSetting(() => setClock(told, receivedNs, readClocks));
  }

  controls(): ControlInfo[] {
    return this.camera.controls();
  }

  setControls(values: Record<string, ControlValue>): ControlInfo[] {
    return this.camera.setControls(values);
  }

  /** The next frame as JPEG. */
  async snapshot(width: number): Promise<Uint8Array> {
    return this.camera.running().snapshot(width, this.settings.preview.quality);
  }

  attachLiveView(live: LiveView): void {
    this.live = live;
    this.tellLiveView();
  }

  private tellLiveView(): void {
    const { preview, camera } = this.settings;
    this.live?.onSettings(preview, this.camera.status()?.camera?.width ?? camera.width);
  }

  setPreview(classes: PreviewClass[]): void {
    this.camera.setPreview(classes);
  }

  /** Opens device nodes, so it is done once. Says early what would else surprise at a recording. */
  private lookForEncoder(): void {
    this.hardware = this.addon.findEncoder();
    if (this.hardware !== null || this.settings.encoder.kind !== 'v4l2') return;
    const detail = 'The encoder is set to v4l2, and this machine has none: recordings are refused.';
    this.notices.error(new Problem('encoder-unavailable', detail, 'encoder.kind'));
  }

  private async prepareFolders(): Promise<void> {
    try {
      await this.recordings.prepare();
      this.camera.watchDisk(this.recordings.folder);
    } catch (error) {
      this.notices.error(toProblem(error));
    }
    const serial = await boardSerial();
    this.id = (await loadIdentity(this.store.dataFolder, serial, this.log)).id;
  }

  private certifyMapping(change: MappingChange): void {
    void this.recorder.amend((certificate) => ({
      ...certificate,
      clock: [...certificate.clock, entryOf(change)],
    }));
  }
}

/** What others than the one who asked should hear of: it is not the request that was wrong. */
function isOfMachine({ status, code }: Problem): boolean {
  return status >= 500 || code === 'encoder-unavailable' || code === 'encoder-refused';
}
