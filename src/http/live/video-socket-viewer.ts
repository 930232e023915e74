import type { Problem } from '../../errors.js';
import type { WebSocket } from '../uws.js';
import { closeCodes, readAcknowledgement } from './acknowledgement.js';
import type { Frame } from './frame.js';
import { VideoFlow, overdueMs } from './video-flow.js';
import type { VideoHub, VideoViewer } from './video-hub.js';

/** Without acknowledgements: held back in this process for a viewer before it counts as late. */
const mostBuffered = 512 * 1024;

/**
 * A viewer of H.264 on a WebSocket. It begins with a keyframe, and where it is late it goes on with
 * one.
 */
export class VideoSocketViewer implements VideoViewer {
  private readonly flow: VideoFlow | null;
  /** The one it has. */
  private init: Frame | null = null;
  /** It has every frame since a keyframe. */
  private inStep = false;

  constructor(
    private readonly socket: WebSocket<unknown>,
    private readonly hub: VideoHub,
    ack: boolean,
  ) {
    this.flow = ack ? new VideoFlow() : null;
  }

  offer(frame: Frame, init: Frame): void {
    const now = performance.now();
    const bytes = frame.message.byteLength;
    const ready = this.isReady(bytes, now);
    const before = this.inStep;
    this.inStep = ready && (frame.key || (before && init === this.init));
    if (!this.inStep) {
      if (before || !ready) this.hub.countSkipped();
      return;
    }
    if (init !== this.init) this.socket.send(init.message, true);
    this.init = init;
    this.flow?.sent(frame.sequence, bytes, now);
    this.socket.send(frame.message, true);
  }

  refuse({ code }: Problem): void {
    this.socket.end(closeCodes.noEncoder, code);
  }

  onMessage(message: ArrayBuffer, isBinary: boolean): void {
    readAcknowledgement(this.socket, this.flow, message, isBinary);
  }

  check(nowMs: number): void {
    if (this.flow?.overdue(nowMs) !== true) return;
    this.socket.end(closeCodes.ackOverdue, `nothing acknowledged for ${overdueMs} ms`);
  }

  private isReady(bytes: number, nowMs: number): boolean {
    if (this.flow !== null) return this.flow.canSend(bytes, nowMs);
    return this.socket.getBufferedAmount() <= (this.inStep ? mostBuffered : 0);
  }
}
