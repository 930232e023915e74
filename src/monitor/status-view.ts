import type { Config } from '../config/schema.js';
import type { Addon } from '../native.js';
import type { Media } from '../media/media.js';
import type { BrokerState } from '../mqtt/monitor-on-broker.js';
import type { Camera } from './camera.js';
import type { ClockWatch } from './clock-watch.js';
import type { DiskGuard } from './disk-guard.js';
import type { EventLog } from './events.js';
import type { FrameFlow } from './frame-flow.js';
import type { LivePictures } from './live-pictures.js';
import type { LiveVideo } from './live-video.js';
import type { Machine } from './machine.js';
import type { Recorder } from './recorder.js';
import { assembleStatus, type MonitorState, type Status } from './status.js';
import type { Streaming } from './streaming.js';
import type { Vitals } from './vitals.js';

/** What is looked at. */
export interface Viewed {
  addon: Pick<Addon, 'versions'>;
  settings: () => Config;
  machine: Machine;
  camera: Camera;
  recorder: Recorder;
  flow: FrameFlow;
  disk: DiskGuard;
  vitals: Vitals;
  clock: ClockWatch;
  pictures: LivePictures;
  video: LiveVideo;
  media: Media;
  events: EventLog;
  streaming: Streaming;
}

/** How the monitor is, as seen from outside; answers from memory. */
export class StatusView {
  /** The program is about to end: nothing takes that back. */
  stopping = false;
  /** Of the connection to the MQTT broker, where there is one. */
  broker: (() => BrokerState) | null = null;

  constructor(private readonly parts: Viewed) {}

  get state(): MonitorState {
    const { camera, recorder } = this.parts;
    const { running } = recorder;
    if (this.stopping || running?.stopping === true) return 'stopping';
    if (running?.started != null) return 'recording';
    if (running?.armed === true) return 'armed';
    if (camera.state === 'running') return 'idle';
    return camera.state === 'closed' ? 'stopping' : camera.state;
  }

  /** Whether the camera delivers frames now. */
  get flowing(): boolean {
    const { camera, flow } = this.parts;
    const native = camera.status();
    if (native?.camera == null || camera.state !== 'running') return false;
    flow.look(native.frames.captured, performance.now());
    return flow.flowing(native.camera.fps, performance.now());
  }

  status(): Status {
    const { addon, machine, camera, recorder, pictures, video, media } = this.parts;
    const { events, streaming } = this.parts;
    const native = camera.status();
    const disk = native?.disk?.present === true ? native.disk : null;
    return assembleStatus({
      id: machine.id,
      host: machine.host,
      state: this.state,
      problem: camera.problem?.toJSON() ?? null,
      settings: this.parts.settings(),
      hardware: machine.encoder,
      native,
      running: recorder.running,
      live: pictures.counts(),
      video: video.counts(),
      streaming: streaming.on,
      hoursLeft: disk && this.parts.disk.hoursLeft(disk),
      reserveBytes: disk && this.parts.disk.reserveBytes(disk.totalBytes),
      health: this.parts.vitals.health,
      clock: this.parts.clock.state,
      mqtt: this.broker?.() ?? null,
      versions: { ...addon.versions, ffmpeg: media.ffmpeg?.version ?? null },
      lastEventId: events.lastId,
    });
  }
}
