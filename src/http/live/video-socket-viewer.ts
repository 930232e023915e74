import type { Problem } from '../../errors.js';
import type { VideoClass } from '../../native.js';
import type { WebSocket } from '../uws.js';
import { closeCodes, readAcknowledgement } from './acknowledgement.js';
import type { Frame } from './frame.js';
import { ClassChoice } from './video-class.js';
import { VideoFlow, overdueMs } from './video-flow.js';
import type { VideoHub, VideoViewer } from './video-hub.js';

/** Without acknowledgements: held back in this process for a viewer before it counts as late. */
const mostBuffered = 512 * 1024;

/**
 * A viewer of H.264 on a WebSocket. It begins with a keyframe, and where it is late it goes on with
 * one. One who acknowledges and is late for long moves to a smaller class, with its first keyframe.
 */
export class VideoSocketViewer implements VideoViewer {
  classes: readonly VideoClass[] = ['full'];

  private readonly flow: VideoFlow | null;
  private readonly choice: ClassChoice | null;
  /** The class that it gets. */
  private videoClass: VideoClass = 'full';
  /** The one it has. */
  private init: Frame | null = null;
  private lastSensorNs = 0;
  /** It has every frame since a keyframe. */
  private inStep = false;
  /** It has not, as one could not be sent. */
  private late = false;

  constructor(
    private readonly socket: WebSocket<unknown>,
    private readonly hub: VideoHub,
    ack: boolean,
  ) {
    this.flow = ack ? new VideoFlow() : null;
    this.choice = ack ? new ClassChoice() : null;
  }

  offer(videoClass: VideoClass, frame: Frame, init: Frame): void {
    if (videoClass !== this.videoClass) {
      // The other class may be behind: time goes only forward.
      if (!frame.key || frame.sensorNs <= this.lastSensorNs) return;
      this.enter(videoClass);
    }
    this.offerOwn(frame, init);
  }

  refuse({ code }: Problem): void {
    this.socket.end(closeCodes.noEncoder, code);
  }

  onMessage(message: ArrayBuffer, isBinary: boolean): void {
    readAcknowledgement(this.socket, this.flow, message, isBinary);
  }

  check(nowMs: number): void {
    if (this.choice?.hopeless === true) {
      this.socket.end(closeCodes.tooSlow, 'not even the smallest video gets through');
    } else if (this.flow?.overdue(nowMs) === true) {
      this.socket.end(closeCodes.ackOverdue, `nothing acknowledged for ${overdueMs} ms`);
    }
  }

  private offerOwn(frame: Frame, init: Frame): void {
    const now = performance.now();
    const bytes = frame.message.byteLength;
    const ready = this.isReady(bytes, now);
    const before = this.inStep;
    this.inStep = ready && (frame.key || (before && init === this.init));
    if (this.inStep) {
      if (init !== this.init) this.socket.send(init.message, true);
      this.init = init;
      this.late = false;
      this.lastSensorNs = frame.sensorNs;
      this.flow?.sent(frame.sequence, bytes, now);
      this.socket.send(frame.message, true);
    } else if (before || !ready) {
      this.late = true;
      this.hub.countSkipped();
    }
    this.chooseClass(now);
  }

  /** Asks for another class beside the one that it gets, up to the other's first keyframe. */
  private chooseClass(nowMs: number): void {
    if (this.choice === null || this.classes.length > 1) return;
    this.choice.note(!this.late, nowMs);
    if (this.choice.wanted === this.videoClass) return;
    this.classes = [this.videoClass, this.choice.wanted];
    this.hub.want(this.choice.wanted);
  }

  private enter(videoClass: VideoClass): void {
    this.videoClass = videoClass;
    this.inStep = false;
    this.classes = [videoClass];
    this.hub.endUnwatched();
  }

  private isReady(bytes: number, nowMs: number): boolean {
    if (this.flow !== null) return this.flow.canSend(bytes, nowMs);
    return this.socket.getBufferedAmount() <= (this.inStep ? mostBuffered : 0);
  }
}
