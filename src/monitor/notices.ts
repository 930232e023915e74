import type { Problem } from '../errors.js';
import type { Job } from '../media/jobs.js';
import type { Logger } from '../log.js';
import type { SegmentFile, Stage } from '../native.js';
import type { MappingChange } from '../system/clock-mapping.js';
import type { ClockState } from '../system/wall-clock.js';
import type { Certificate } from './certificate.js';
import type { DiskForecast, DiskStop } from './disk-guard.js';
import type { EventLog } from './events.js';
import type { GapReason } from './gaps.js';
import type { Removal } from './library.js';
import type { Note } from './notes.js';
import type { Running } from './active-recording.js';
import type { MonitorState } from './status.js';

/** Says what happened, to the log and to all who listen; what has not changed is not said again. */
export class Notices {
  private toldState: MonitorState | null = null;
  private toldViewers = 0;

  constructor(
    private readonly events: EventLog,
    private readonly log: Logger,
  ) {}

  state(state: MonitorState): void {
    if (state === this.toldState) return;
    this.toldState = state;
    this.log.info({ state }, 'The state changed.');
    this.events.add('state', { state });
  }

  /** Told as a part of the state, so that whoever follows that looks anew. */
  streaming(on: boolean): void {
    this.log.info({ on }, 'The live view was switched.');
    this.events.add('state', { state: this.toldState, streaming: on });
  }

  error(problem: Problem): void {
    this.log.error({ code: problem.code, field: problem.field }, problem.detail);
    this.events.add('error', { ...problem.toJSON() });
  }

  loss(stage: Stage, frames: number): void {
    this.log.warn({ stage, frames }, 'Frames were lost.');
    this.events.add('loss', { stage, frames });
  }

  /** Frames come again after the camera was away under a recording, or with none. */
  cameraResumed(recording: string | null, frames: number, reason: GapReason): void {
    this.log.warn({ recording, frames, reason }, 'The camera delivers again.');
    if (recording === null) return;
    this.events.add('recording', { action: 'gap', name: recording, frames, reason });
  }

  noted(recording: string, note: Note): void {
    this.log.info({ recording, ...note }, 'A note was taken.');
    this.events.add('recording', { action: 'note', name: recording, ...note });
  }

  diskFillsUp(forecast: DiskForecast): void {
    this.log.warn({ ...forecast }, 'The disk will be full before long.');
    this.events.add('disk', { action: 'warning', ...forecast });
  }

  /** A recording is ended because of the disk. */
  diskStop({ reason, problem }: DiskStop): void {
    this.error(problem);
    this.events.add('disk', { action: 'stop', reason });
  }

  /** `mapping`: how wall time follows from sensor time from now on, where that has changed. */
  clock(clock: ClockState, mapping: MappingChange | null): void {
    const level = mapping?.reason === 'step' ? 'warn' : 'info';
    this.log[level]({ ...clock, ...(mapping !== null && { mapping }) }, 'The clock changed.');
    this.events.add('clock', { ...clock, mapping });
  }

  viewers(viewers: number): void {
    if (viewers === this.toldViewers) return;
    this.toldViewers = viewers;
    this.events.add('viewer', { viewers });
  }

  recordingStarted({ name, started, continues }: Running): void {
    const gap = continues?.gaps.at(-1) ?? null;
    const goesOn = gap !== null && { frames: gap.frames, reason: gap.reason };
    const action = continues === null ? 'started' : 'resumed';
    const sentence = continues === null ? 'A recording began.' : 'A recording goes on.';
    this.log.info({ recording: name, encoder: started?.encoder.name, ...goesOn }, sentence);
    this.events.add('recording', { action, name, ...started, ...goesOn });
  }

  recordingArmed(name: string, startAtWallUs: number): void {
    this.log.info({ recording: name, startAtWallUs }, 'A recording is armed.');
    this.events.add('recording', { action: 'armed', name, startAtWallUs });
  }

  recordingMoved(name: string, startsInMs: number): void {
    const sentence = 'The clock was set: an armed recording begins at its time by the new one.';
    this.log.warn({ recording: name, startsInMs }, sentence);
    this.events.add('recording', { action: 'moved', name, startsInMs });
  }

  recordingCalledOff(name: string): void {
    this.log.info({ recording: name }, 'An armed recording was called off.');
    this.events.add('recording', { action: 'called-off', name });
  }

  repairing(name: string): void {
    this.log.info({ recording: name }, 'A recording is examined that was not finished.');
    this.events.add('recording', { action: 'repairing', name });
  }

  repaired({ name, verdict, frames, losses, stop, repair }: Certificate): void {
    const outcome = { verdict, reason: stop?.reason, frames, losses, repair };
    this.log.warn({ recording: name, ...outcome }, 'A recording was repaired.');
    this.events.add('recording', { action: 'repaired', name, ...outcome });
  }

  /** Another process records it. */
  leftAlone(name: string): void {
    this.log.warn({ recording: name }, 'A recording is left alone: another process writes it.');
  }

  segmentClosed(name: string, { video, frames, bytes }: SegmentFile): void {
    this.log.info({ recording: name, file: video, frames, bytes }, 'A segment is closed.');
    this.events.add('recording', { action: 'segment', name, file: video, frames, bytes });
  }

  recordingEnded({ name, verdict, frames, losses, stop }: Certificate): void {
    const reason = stop?.reason;
    this.log.info({ recording: name, verdict, reason, frames, losses }, 'A recording ended.');
    this.events.add('recording', { action: 'ended', name, verdict, reason, frames, losses });
  }

  /** A conversion has another state. */
  job({ id, kind, recording, state, output, error }: Job): void {
    const level = state === 'failed' ? 'warn' : 'info';
    this.log[level]({ job: id, kind, recording, state, error }, 'A conversion changed its state.');
    this.events.add('job', { id, kind, recording, state, output, error });
  }

  recordingTransferred(name: string, by: string): void {
    this.log.info({ recording: name, by }, 'There is a copy of a recording.');
    this.events.add('recording', { action: 'transferred', name, by });
  }

  recordingRemoved(name: string, why: Removal): void {
    this.log.info({ recording: name, why }, 'A recording was removed.');
    this.events.add('recording', { action: 'removed', name, why });
  }
}
