import type { WebSocket } from '../uws.js';
import { closeCodes, readAcknowledgement } from './acknowledgement.js';
import { Flow, overdueMs } from './flow.js';
import type { Frame } from './frame.js';
import type { PreviewHub, Viewer } from './hub.js';
import { Pace } from './pace.js';

export interface ViewerWish {
  width: number | null;
  fps: number | null;
  /** Whether the viewer acknowledges the frames it has decoded. */
  ack: boolean;
}

/** A viewer on a WebSocket. At any time at most one frame waits for it: the newest of its class. */
export class SocketViewer implements Viewer {
  readonly wantedWidth: number | null;
  readonly wantedFps: number | null;
  classWidth = 0;

  private readonly flow: Flow | null;
  private readonly pace = new Pace(0, 0);
  private classIntervalMs = 0;
  private lastSensorNs = 0;
  /** A frame was due that could not be sent. */
  private waiting = false;

  constructor(
    private readonly socket: WebSocket<unknown>,
    private readonly hub: PreviewHub,
    wish: ViewerWish,
  ) {
    this.wantedWidth = wish.width;
    this.wantedFps = wish.fps;
    this.flow = wish.ack ? new Flow(0) : null;
  }

  get steps(): number {
    return this.flow?.steps ?? 0;
  }

  onClass(fps: number, classFps: number, stepsBelow: number): void {
    this.classIntervalMs = 1000 / classFps;
    this.pace.set(1e9 / fps, 0.5e9 / classFps);
    if (this.flow === null) return;
    this.flow.setInterval(1000 / fps);
    this.flow.mostSteps = stepsBelow;
  }

  offer(frame: Frame): void {
    if (!this.pace.due(frame.sensorNs)) return;
    if (this.waiting) this.hub.countSkipped();
    this.waiting = !this.ready();
    if (!this.waiting) this.send(frame);
  }

  onMessage(message: ArrayBuffer, isBinary: boolean): void {
    const stepsBefore = this.steps;
    if (!readAcknowledgement(this.socket, this.flow, message, isBinary)) return;
    if (this.steps !== stepsBefore) this.hub.assign();
    this.sendWaiting();
  }

  /** What was buffered in this process is with the kernel. */
  onDrain(): void {
    if (this.flow === null) this.sendWaiting();
  }

  check(nowMs: number): void {
    if (this.flow?.overdue(nowMs) !== true) return;
    this.socket.end(closeCodes.ackOverdue, `nothing acknowledged for ${overdueMs} ms`);
  }

  private ready(): boolean {
    return this.flow === null ? this.socket.getBufferedAmount() === 0 : this.flow.canSend();
  }

  /** Sends the newest frame now, rather than with the next one; one that is old is left. */
  private sendWaiting(): void {
    if (!this.waiting || !this.ready()) return;
    const frame = this.hub.newestOf(this.classWidth);
    if (frame === undefined || frame.sensorNs <= this.lastSensorNs) return;
    if (performance.now() - frame.atMs > 1.5 * this.classIntervalMs) return;
    this.waiting = false;
    this.send(frame);
  }

  private send(frame: Frame): void {
    this.lastSensorNs = frame.sensorNs;
    this.flow?.sent(frame.sequence, performance.now());
    this.socket.send(frame.message, true);
  }
}
