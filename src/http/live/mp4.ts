import type { Problem } from '../../errors.js';
import type { VideoClass } from '../../native.js';
import type { Exchange } from '../exchange.js';
import { problemReply } from '../reply.js';
import { payloadOf, type Frame } from './frame.js';
import type { VideoHub, VideoViewer } from './video-hub.js';

/**
 * A viewer of /stream.mp4: one endless fragmented MP4. It cannot acknowledge; where this process
 * holds something back for it, it goes on with the next keyframe once that is gone.
 */
export class Mp4Viewer implements VideoViewer {
  readonly classes: readonly VideoClass[] = ['full'];

  private init: Frame | null = null;
  private inStep = false;
  private drained = true;

  constructor(
    private readonly exchange: Exchange,
    private readonly hub: VideoHub,
  ) {}

  /** The answer begins with the first keyframe; the viewer leaves the hub when the client does. */
  start(): void {
    const { exchange } = this;
    if (exchange.over) return;
    if (exchange.head) {
      exchange.res.cork(() => {
        this.writeHead();
        exchange.res.endWithoutBody();
      });
      exchange.finish();
      return;
    }
    exchange.res.onWritable(() => {
      this.drained = true;
      return true;
    });
    exchange.whenOver(() => this.hub.remove(this));
    this.hub.add(this);
  }

  offer(_: VideoClass, frame: Frame, init: Frame): void {
    if (this.exchange.over) return;
    if (this.init !== null && init !== this.init) {
      this.exchange.breakOff(); // a file has one beginning: another one is another file
      return;
    }
    const before = this.inStep;
    this.inStep = this.drained && (before || frame.key);
    if (!this.inStep) {
      if (before || !this.drained) this.hub.countSkipped();
      return;
    }
    const { res } = this.exchange;
    res.cork(() => {
      if (this.init === null) {
        this.writeHead();
        res.write(payloadOf(init));
      }
      this.drained = res.write(payloadOf(frame));
    });
    this.init = init;
  }

  refuse(_: VideoClass, problem: Problem): void {
    if (this.init === null) this.exchange.send(problemReply(problem));
    else this.exchange.breakOff();
  }

  check(): void {
    // Nothing is owed: a client that has gone ends its exchange.
  }

  private writeHead(): void {
    this.exchange.writeHead(200, { 'Content-Type': 'video/mp4', 'Cache-Control': 'no-store' });
  }
}
