import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import type { ConfigStore } from '../config/store.js';
import type { Problem } from '../errors.js';
import { hookEventOf } from '../hooks/hook-event.js';
import { Hooks } from '../hooks/hooks.js';
import type { Logger } from '../log.js';
import { removeUnfinished } from '../media/derived.js';
import { Media } from '../media/media.js';
import type { Addon } from '../native.js';
import { MissedWindows } from '../schedule/missed.js';
import { Schedule } from '../schedule/schedule.js';
import { Scheduler } from '../schedule/scheduler.js';
import { Serial } from '../system/serial.js';
import { Camera } from './camera.js';
import { CameraKeeper } from './camera-keeper.js';
import type { Certificate } from './certificate.js';
import { ClockWatch } from './clock-watch.js';
import { certificateAtEnd } from './continuation.js';
import { DiskGuard, roomToKeep } from './disk-guard.js';
import { EventLog } from './events.js';
import { FrameFlow } from './frame-flow.js';
import { Heartbeat } from './heartbeat.js';
import { History } from './history.js';
import { Library } from './library.js';
import { LivePictures } from './live-pictures.js';
import { LiveVideo } from './live-video.js';
import { Machine } from './machine.js';
import { receiveNativeEvent, type EventReceivers } from './native-events.js';
import { Notices } from './notices.js';
import { Recorder } from './recorder.js';
import { Recordings } from './recordings.js';
import { Recovery } from './recovery.js';
import { Retention } from './retention.js';
import { scheduledRecordings } from './scheduled-recordings.js';
import { Starter } from './starter.js';
import type { MonitorState } from './status.js';
import type { Surroundings } from './surroundings.js';
import { StatusView } from './status-view.js';
import { Streaming } from './streaming.js';
import { Vitals } from './vitals.js';

/** All that a monitor is made of, connected; nothing of it has begun. */
export type Parts = ReturnType<typeof makeParts>;

/**
 * Makes the parts of a monitor, from the ground up. Where one must reach another that is made after
 * it, it gets a function: none is called before all are made.
 *
 * `onGaveUp`: a camera that ran has been given up, and what was recorded is final.
 */
export function makeParts(
  addon: Addon,
  store: ConfigStore,
  log: Logger,
  surroundings: Surroundings,
  onGaveUp: () => void,
) {
  const ground = makeGround(addon, store, log, surroundings);
  const capture = makeCapture(ground, {
    state: () => view.state,
    onEnding: () => recording.clock.sample(),
    onEnded: (certificate) => planning.scheduler.onEnded(certificate),
    onGaveUp,
  });
  const starts = makeStarts(ground, capture, () => view.status().versions);
  const recording = { ...capture, ...starts };
  const shelf = makeShelf(ground, recording);
  const planning = makePlanning(ground, recording);
  const hooks = makeHooks(ground, recording);
  const view = new StatusView({ ...ground, ...recording, ...shelf });
  const { pictures, video } = recording;
  const heartbeat = new Heartbeat({
    ...ground,
    ...recording,
    resumption: recording.recovery.resumption,
    viewers: () => pictures.counts().viewers + video.counts().viewers,
  });
  return { ...ground, ...recording, ...shelf, ...planning, hooks, view, heartbeat };
}

type Ground = ReturnType<typeof makeGround>;
type Capture = ReturnType<typeof makeCapture>;
type Recording = Capture & ReturnType<typeof makeStarts>;

/** What all others stand on; it knows none of them. */
function makeGround(addon: Addon, store: ConfigStore, log: Logger, surroundings: Surroundings) {
  const settings = (): Config => store.current;
  const events = new EventLog();
  const notices = new Notices(events, log);
  const cameraTasks = new Serial();
  const streaming = new Streaming(() => notices.streaming(streaming.on));
  return {
    ...{ addon, store, log, surroundings, settings, events, notices },
    onTrouble: (problem: Problem): void => notices.error(problem),
    /** Runs a task when no other touches the camera. */
    exclusively: <T>(task: () => Promise<T>): Promise<T> => cameraTasks.run(task),
    machine: new Machine(addon, store.dataFolder, log, surroundings),
    recordings: new Recordings(join(store.dataFolder, 'recordings')),
    disk: new DiskGuard(settings, surroundings.roomOn),
    vitals: new Vitals(surroundings.readHealth),
    flow: new FrameFlow(),
    history: new History(),
    streaming,
  };
}

/** What the camera and the recorder ask of, and tell to, what is made after them. */
interface Later {
  state: () => MonitorState;
  /** All frames of a recording are counted, and its certificate is about to be made final. */
  onEnding: () => void;
  onEnded: (certificate: Certificate) => void;
  onGaveUp: () => void;
}

/** The camera, its live view, and the recorder. */
function makeCapture(ground: Ground, later: Later) {
  const { addon, log, settings, notices, onTrouble, exclusively, recordings, vitals } = ground;
  const onStateChanged = (): void => {
    notices.state(later.state());
    pictures.settingsChanged();
  };
  const camera = new Camera(
    addon,
    log,
    {
      onStateChanged,
      onProblem: onTrouble,
      onEvent: (event) => receiveNativeEvent(event, receivers),
      onPreview: (classId, message) => pictures.onPreview(classId, message),
      onVideo: (videoClass, message) => video.onVideo(videoClass, message),
    },
    exclusively,
  );
  const pictures = new LivePictures(camera, settings);
  const video = new LiveVideo(camera, settings);
  const keeper = new CameraKeeper(
    camera,
    {
      onTrouble,
      onGiveUp: async () => {
        await recorder.stop('camera-lost').catch(() => undefined); // there may be none
        later.onGaveUp();
      },
    },
    exclusively,
  );
  const recorder = new Recorder(
    recordings,
    {
      onStateChanged,
      onStarted: (running) => {
        camera.watchDisk(recordings.folder); // it may not have been there before
        notices.recordingStarted(running);
      },
      onEnded: (certificate) => {
        notices.recordingEnded(certificate);
        later.onEnded(certificate);
      },
      onMoved: (name, startsInMs) => notices.recordingMoved(name, startsInMs),
      onCalledOff: (name) => notices.recordingCalledOff(name),
      onTrouble,
    },
    (active, ending) => {
      later.onEnding();
      return certificateAtEnd(active, ending, vitals.worst());
    },
  );
  const receivers: EventReceivers = { camera, keeper, recorder, notices };
  return { camera, pictures, video, keeper, recorder };
}

/** Who begins a recording, or lets one that was broken off go on, and the clock by which. */
function makeStarts(
  ground: Ground,
  { camera, recorder }: Capture,
  versions: () => Record<string, string | null>,
) {
  const { machine } = ground;
  const bootId = (): string | null => machine.bootId;
  const clock = makeClock(ground, recorder);
  const starter = new Starter({
    ...ground,
    ...{ camera, recorder, host: machine.host, versions, bootId },
    clock: () => clock.state,
  });
  const recovery = new Recovery({ ...ground, recorder, starter, bootId });
  return { clock, starter, recovery };
}

/** The clock, whose steps stand in the certificate of the recording that runs. */
function makeClock({ addon, notices, surroundings }: Ground, recorder: Recorder): ClockWatch {
  return new ClockWatch(() => addon.clockState(), surroundings.setClock, {
    onClock: (state, change) => {
      notices.clock(state, change);
      if (change !== null) recorder.clockChanged(change);
    },
  });
}

/** What is done with recordings once they are there. */
function makeShelf(ground: Ground, { camera, recorder, recovery }: Recording) {
  const { settings, notices, onTrouble, recordings } = ground;
  const library = new Library(
    recordings,
    {
      running: () => recorder.running,
      progress: () => camera.status()?.recording ?? null,
      isBeingRepaired: (name) => recovery.isBeingRepaired(name),
      amendBesides: (name, change) => recorder.amendBesides(name, change),
    },
    {
      beforeRemoval: (name) => media.jobs.cancelOf(name),
      onRemoved: (name, why) => notices.recordingRemoved(name, why),
      onTransferred: (name, by) => {
        notices.recordingTransferred(name, by);
        void retention.look();
      },
    },
  );
  const media: Media = new Media(
    {
      recordings: library,
      keepFree: () => roomToKeep(settings()),
      onChange: (job) => notices.job(job),
    },
    () => removeUnfinished(recordings.folder),
  );
  const retention = new Retention(settings().retention, {
    recordings,
    remove: (name) => library.remove(name, 'retention'),
    isConverted: (name) => media.jobs.hasOpen(name),
    onTrouble,
  });
  return { library, media, retention };
}

/** The schedule, and who keeps to it. */
function makePlanning(ground: Ground, recording: Recording) {
  const { store, onTrouble } = ground;
  const path = (file: string): string => join(store.dataFolder, file);
  const schedule = new Schedule(path('schedule.json'), () => scheduler.entriesChanged());
  const missed = new MissedWindows(path('schedule-begun.json'), onTrouble);
  const recordings = scheduledRecordings({ ...ground, ...recording });
  const scheduler = new Scheduler(schedule, recordings, missed);
  return { schedule, scheduler, missed };
}

/** The hooks, called for what the events say. */
function makeHooks(ground: Ground, { recorder }: Recording): Hooks {
  const { settings, events, onTrouble, machine, recordings } = ground;
  const hooks = new Hooks(settings().hooks, onTrouble);
  events.subscribe((event) => {
    const running = recorder.running?.name ?? null;
    const told = hookEventOf(event, { host: machine.host, folder: recordings.folder, running });
    if (told !== null) hooks.call(told);
  });
  return hooks;
}
