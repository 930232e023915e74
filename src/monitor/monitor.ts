import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ConfigPatch } from '../config/config.js';
import type { Config } from '../config/schema.js';
import type { ConfigStore } from '../config/store.js';
import { Problem, toProblem } from '../errors.js';
import type { Logger } from '../log.js';
import type { Media } from '../media/media.js';
import type {
  Addon,
  CameraInfo,
  ControlInfo,
  ControlValue,
  LibcameraBuild,
  PreviewClass,
} from '../native.js';
import type { BrokerState } from '../mqtt/monitor-on-broker.js';
import type { Schedule } from '../schedule/schedule.js';
import type { Scheduler } from '../schedule/scheduler.js';
import type { ToldTime } from '../system/set-clock.js';
import type { ClockState } from '../system/wall-clock.js';
import { beginRecording, type StartedRecording } from './begin-recording.js';
import type { Certificate } from './certificate.js';
import { changeSettings } from './change-settings.js';
import type { EventLog } from './events.js';
import type { History } from './history.js';
import type { Library } from './library.js';
import type { LiveView } from './live-pictures.js';
import type { LiveVideo } from './live-video.js';
import { noteOf, type Note } from './notes.js';
import { makeParts, type Parts } from './parts.js';
import { Presets } from './presets.js';
import { checkName } from './recording-name.js';
import type { Recordings } from './recordings.js';
import type { RecordingWish } from './starter.js';
import type { MonitorState, Status } from './status.js';
import type { Streaming } from './streaming.js';
import { thisMachine } from './surroundings.js';

/**
 * One Pi: its camera, its recordings, and what is to be told of them. Starts and stops its parts in
 * order, and is what the routes ask. Everything that answers a question answers from memory; tasks
 * that change the camera run one after the other.
 */
export class Monitor {
  /** Tells this run of the program from others: two machines with one id are found out by it. */
  readonly run = randomUUID();
  readonly host: string;
  readonly events: EventLog;
  readonly history: History;
  readonly recordings: Recordings;
  readonly library: Library;
  readonly media: Media;
  readonly video: LiveVideo;
  readonly streaming: Streaming;
  readonly schedule: Schedule;
  readonly scheduler: Scheduler;
  readonly presets: Presets;

  private readonly parts: Parts;
  private resolveGaveUp!: () => void;
  /** Resolves when a camera that ran has been given up, with what was recorded final. */
  readonly gaveUp = new Promise<void>((resolve) => (this.resolveGaveUp = resolve));

  constructor(addon: Addon, store: ConfigStore, log: Logger, surroundings = thisMachine) {
    const parts = makeParts(addon, store, log, surroundings, () => this.resolveGaveUp());
    this.parts = parts;
    this.host = parts.machine.host;
    this.events = parts.events;
    this.history = parts.history;
    this.recordings = parts.recordings;
    this.library = parts.library;
    this.media = parts.media;
    this.video = parts.video;
    this.streaming = parts.streaming;
    this.schedule = parts.schedule;
    this.scheduler = parts.scheduler;
    this.presets = new Presets(join(store.dataFolder, 'presets.json'), this);
  }

  /** Never throws for a camera or a disk that fails: the server stays up and says what is wrong. */
  async start(): Promise<void> {
    const { parts } = this;
    parts.notices.state(this.state);
    await parts.machine.look();
    this.tellMissingEncoder();
    await this.prepareFolder();
    await parts.machine.identify();
    parts.recovery.start();
    parts.media.start();
    await parts.schedule.load().catch((error: unknown) => parts.onTrouble(toProblem(error)));
    await parts.missed.load();
    await Promise.all([
      parts.vitals.start(),
      parts.clock.start(),
      parts.exclusively(() => parts.camera.open(this.settings)).catch(() => undefined),
    ]);
    parts.heartbeat.start();
    void parts.recovery.decided.then(() => this.startSchedule());
    parts.retention.start();
  }

  /** Says early what would else surprise at a recording. */
  private tellMissingEncoder(): void {
    if (this.parts.machine.encoder !== null || this.settings.encoder.kind !== 'v4l2') return;
    const detail = 'The encoder is set to v4l2, and this machine has none: recordings are refused.';
    this.parts.onTrouble(new Problem('encoder-unavailable', detail, 'encoder.kind'));
  }

  private async prepareFolder(): Promise<void> {
    const { recordings, camera, onTrouble } = this.parts;
    try {
      await recordings.prepare();
      camera.watchDisk(recordings.folder);
    } catch (error) {
      onTrouble(toProblem(error));
    }
  }

  /** Not before what was broken off has had its chance to go on. */
  private startSchedule(): void {
    if (!this.parts.view.stopping) this.scheduler.start();
  }

  /**
   * Ends a recording with its file final, then the camera. `forGood`: a person wants it; else the
   * recording goes on when the program is started again.
   */
  async stop(forGood = false): Promise<void> {
    const { parts } = this;
    parts.view.stopping = true;
    parts.notices.state(this.state);
    parts.scheduler.stop();
    parts.retention.stop();
    parts.vitals.stop();
    parts.clock.stop();
    parts.heartbeat.stop();
    const converted = parts.media.stop();
    await parts.exclusively(async () => {
      if (parts.recorder.running !== null) await parts.recorder.stop('shutdown', forGood);
      await parts.camera.close();
    });
    await parts.recovery.stop();
    await converted;
    await parts.recordings.saveUnsaved();
    await parts.missed.saved();
    await parts.hooks.stop();
  }

  get settings(): Config {
    return this.parts.settings();
  }

  get state(): MonitorState {
    return this.parts.view.state;
  }

  /** Whether a camera is open, and so has to deliver. */
  get cameraOpen(): boolean {
    return this.parts.camera.state === 'running';
  }

  /** Whether the camera delivers frames now. */
  get flowing(): boolean {
    return this.parts.view.flowing;
  }

  /** Of the board; empty until it has started. */
  get id(): string {
    return this.parts.machine.id;
  }

  status(): Status {
    return this.parts.view.status();
  }

  /** The sensor's clock and the wall clock, read just now. */
  readClocks(): { monotonicNs: number; wallUs: number } {
    const { monotonicNs, wallUs } = this.parts.addon.clockState();
    return { monotonicNs, wallUs };
  }

  /** This machine's wall clock, µs. */
  wallUs(): number {
    return this.readClocks().wallUs;
  }

  /** Sets the wall clock. Throws `clock-kept` where a time server does, or what keeps it from that. */
  async setClock(told: ToldTime): Promise<ClockState> {
    return this.parts.clock.set(told);
  }

  /** Resolves once the first frame is through the gate or, for a later instant, all is ready. */
  async startRecording(wish: RecordingWish): Promise<StartedRecording> {
    const { recorder, starter, notices, exclusively } = this.parts;
    recorder.refuseIfRunning();
    if (wish.name !== undefined) checkName(wish.name);
    try {
      return await exclusively(() => beginRecording(wish, starter, notices));
    } catch (error) {
      const problem = toProblem(error);
      if (isOfMachine(problem)) notices.error(problem);
      throw problem;
    }
  }

  /** Resolves with the certificate once the files are final; null where it was armed only. */
  async stopRecording(): Promise<Certificate | null> {
    return this.parts.recorder.stop('requested');
  }

  /** Lets the recording go on in a new segment; resolves with its number once that is opened. */
  async splitRecording(): Promise<{ name: string; segment: number }> {
    return this.parts.recorder.split();
  }

  /** Resolves once the note stands in the certificate. `atWallUs`: of an earlier instant. */
  async takeNote(text: string, atWallUs: number | null): Promise<Note> {
    const { addon, camera, recorder, notices } = this.parts;
    const { running } = recorder;
    const part = noteOf(text, atWallUs, addon.clockState(), camera.status());
    const note = { ...part, frame: part.frame + (running?.continues?.frames?.written ?? 0) };
    const name = running?.name ?? '';
    const taken = await recorder.amend((certificate) => ({
      ...certificate,
      notes: [...certificate.notes, note],
    }));
    if (!taken) throw new Problem('not-recording', 'The recording is ending.');
    notices.noted(name, note);
    return note;
  }

  /** Merges a patch from the network into the configuration, and restarts the camera if need be. */
  async patchConfig(patch: ConfigPatch): Promise<Config> {
    const { store, camera, recorder, pictures, video, exclusively, onTrouble } = this.parts;
    const after = await exclusively(() => changeSettings(patch, store, camera, recorder));
    pictures.settingsChanged();
    await video.settingsChanged().catch((error: unknown) => onTrouble(toProblem(error)));
    return after;
  }

  async cameras(): Promise<{ items: CameraInfo[]; libcamera: LibcameraBuild }> {
    const { addon } = this.parts;
    return { items: await addon.listCameras(), libcamera: addon.libcamera };
  }

  controls(): ControlInfo[] {
    return this.parts.camera.controls();
  }

  setControls(values: Record<string, ControlValue>): ControlInfo[] {
    return this.parts.camera.setControls(values);
  }

  /** The next frame as JPEG. */
  async snapshot(width: number): Promise<Uint8Array> {
    return this.parts.camera.running().snapshot(width, this.settings.preview.quality);
  }

  attachLiveView(live: LiveView): void {
    this.parts.pictures.attach(live);
  }

  /** The status tells of it from now on. */
  attachBroker(state: () => BrokerState): void {
    this.parts.view.broker = state;
  }

  setPreview(classes: PreviewClass[]): void {
    this.parts.camera.setPreview(classes);
  }
}

/** What others than the one who asked should hear of: it is not the request that was wrong. */
function isOfMachine({ status, code }: Problem): boolean {
  return status >= 500 || code === 'encoder-unavailable' || code === 'encoder-refused';
}
