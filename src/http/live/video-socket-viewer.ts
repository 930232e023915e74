import type { Problem } from '../../errors.js';
import type { VideoClass } from '../../native.js';
import type { WebSocket } from '../uws.js';
import { closeCodes, readAcknowledgement } from './acknowledgement.js';
import type { Frame } from './frame.js';
import { Probe } from './probe.js';
import { ClassChoice } from './video-class.js';
import { VideoFlow, overdueMs } from './video-flow.js';
import type { VideoHub, VideoViewer } from './video-hub.js';

/** Without acknowledgements: held back in this process for a viewer before it counts as late. */
const mostBuffered = 512 * 1024;

/** A smaller video that has not come by then is not waited for. */
const smallWithinMs = 2000;

/**
 * A viewer of H.264 on a WebSocket. It begins with a keyframe, and where it is late it goes on with
 * one. One who acknowledges begins with the smaller class, and moves, with a keyframe, to the one that
 * its link carries.
 */
export class VideoSocketViewer implements VideoViewer {
  classes: readonly VideoClass[];

  private readonly flow: VideoFlow | null;
  private choice: ClassChoice | null;
  private readonly probe: Probe | null;
  /** The class that it gets. */
  private videoClass: VideoClass;
  /** The one it has. */
  private init: Frame | null = null;
  private lastSensorNs = 0;
  /** It has every frame since a keyframe. */
  private inStep = false;
  /** It has not, as one could not be sent. */
  private late = false;
  private readonly beganAtMs = performance.now();

  constructor(
    private readonly socket: WebSocket<unknown>,
    private readonly hub: VideoHub,
    ack: boolean,
  ) {
    this.flow = ack ? new VideoFlow() : null;
    this.choice = ack ? new ClassChoice() : null;
    this.probe = this.flow && new Probe(this.flow);
    this.videoClass = this.choice?.wanted ?? 'full';
    this.classes = [this.videoClass];
  }

  offer(videoClass: VideoClass, frame: Frame, init: Frame): void {
    const now = performance.now();
    const enters = videoClass !== this.videoClass;
    // The other class may be behind: time goes only forward.
    if (enters && (!frame.key || frame.sensorNs <= this.lastSensorNs)) return;
    if (enters && this.flow?.stalls(now) === true) return;
    if (videoClass === 'full' && this.isTooLarge(frame, now)) {
      this.stayBelow(frame, now);
      return;
    }
    if (enters) this.enter(videoClass);
    // What is on its way in the small class is soon through where the link carries the full one.
    const ready = (enters && videoClass === 'full') || this.isReady(frame.message.byteLength, now);
    this.offerOwn(frame, init, ready, now);
  }

  /** Where there is no smaller video, there still is the camera's. */
  refuse(videoClass: VideoClass, { code }: Problem): void {
    if (videoClass === 'full') {
      this.socket.end(closeCodes.noEncoder, code);
      return;
    }
    this.choice = null;
    this.classes = ['full'];
    if (this.videoClass === 'full') return;
    this.enter('full');
    this.hub.want('full');
  }

  onMessage(message: ArrayBuffer, isBinary: boolean): void {
    readAcknowledgement(this.socket, this.flow, message, isBinary);
  }

  check(nowMs: number): void {
    if (this.init === null && nowMs - this.beganAtMs > smallWithinMs) this.takeEither();
    if (this.choice?.hopeless === true) {
      this.socket.end(closeCodes.tooSlow, 'not even the smallest video gets through');
    } else if (this.flow?.overdue(nowMs) === true) {
      this.socket.end(closeCodes.ackOverdue, `nothing acknowledged for ${overdueMs} ms`);
    }
  }

  /** Nothing has come: with which keyframe it begins is all the same. */
  private takeEither(): void {
    if (this.choice === null || this.classes.length > 1) return;
    this.classes = ['small', 'full'];
    this.hub.want('full');
  }

  private offerOwn(frame: Frame, init: Frame, ready: boolean, nowMs: number): void {
    const { key, sequence } = frame;
    if (!ready) {
      this.leaveOut();
    } else if (key || (this.inStep && init === this.init)) {
      if (init !== this.init) this.socket.send(init.message, true);
      this.init = init;
      this.inStep = true;
      this.late = false;
      this.lastSensorNs = frame.sensorNs;
      const loads = key && this.videoClass === 'small';
      const message = (loads ? this.probe?.load(frame.message, nowMs) : null) ?? frame.message;
      this.flow?.sent({ sequence, key, bytes: message.byteLength }, nowMs);
      this.socket.send(message, true);
    } else if (this.inStep) {
      this.leaveOut();
    }
    this.chooseClass(nowMs);
  }

  private leaveOut(): void {
    this.inStep = false;
    this.late = true;
    this.hub.countSkipped();
  }

  /** A keyframe that would be old when it has arrived. */
  private isTooLarge({ key, message }: Frame, nowMs: number): boolean {
    if (!key || this.choice === null || this.flow?.known !== true) return false;
    return message.byteLength > this.flow.mostBytes(nowMs);
  }

  private chooseClass(nowMs: number): void {
    if (this.choice === null || this.flow?.known !== true || this.classes.length > 1) return;
    this.choice.note(!this.late, nowMs);
    if (this.choice.wanted !== this.videoClass) this.follow(this.choice);
  }

  private stayBelow({ message }: Frame, nowMs: number): void {
    if (this.videoClass === 'full') this.leaveOut();
    else if (this.probe?.puts(message.byteLength, nowMs) === true) return;
    if (this.choice?.wanted !== 'full') return; // it moves already
    this.choice.refuseFull(nowMs);
    this.follow(this.choice);
  }

  /** Asks for the class that is wanted, beside the one that it gets up to the other's first keyframe. */
  private follow({ wanted }: ClassChoice): void {
    const stays = wanted === this.videoClass;
    this.classes = stays ? [wanted] : [this.videoClass, wanted];
    if (stays) this.hub.endUnwatched();
    else this.hub.want(wanted);
  }

  private enter(videoClass: VideoClass): void {
    this.videoClass = videoClass;
    this.inStep = false;
    this.probe?.end();
    this.classes = [videoClass];
    this.hub.endUnwatched();
  }

  private isReady(bytes: number, nowMs: number): boolean {
    if (this.flow !== null) return this.flow.canSend(bytes, nowMs);
    return this.socket.getBufferedAmount() <= (this.inStep ? mostBuffered : 0);
  }
}
