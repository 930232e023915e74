import type { Exchange } from '../exchange.js';
import { payloadOf, type Frame } from './frame.js';
import type { PreviewHub, Viewer } from './hub.js';
import { Pace } from './pace.js';

const boundary = 'frame';

/**
 * A viewer of /stream.mjpg: JPEGs one after the other in one endless answer. It cannot acknowledge;
 * it is sent a frame only when this process holds nothing back for it any more, so that what may be
 * old is only what the kernel's socket buffer holds.
 */
export class MjpegViewer implements Viewer {
  readonly steps = 0;
  classWidth = 0;

  private readonly pace = new Pace(0, 0);
  private drained = true;

  constructor(
    private readonly exchange: Exchange,
    private readonly hub: PreviewHub,
    readonly wantedWidth: number | null,
    readonly wantedFps: number | null,
  ) {}

  /** Begins the answer; the viewer leaves the hub when the client does. */
  start(): void {
    const { exchange } = this;
    if (exchange.over) return;
    exchange.res.cork(() => {
      exchange.writeHead(200, {
        'Content-Type': `multipart/x-mixed-replace; boundary=${boundary}`,
        'Cache-Control': 'no-store',
      });
      if (exchange.head) exchange.res.endWithoutBody();
    });
    if (exchange.head) {
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

  onClass(fps: number, classFps: number): void {
    this.pace.set(1e9 / fps, 0.5e9 / classFps);
  }

  offer(frame: Frame): void {
    if (this.exchange.over || !this.pace.due(frame.sensorNs)) return;
    if (!this.drained) {
      this.hub.countSkipped();
      return;
    }
    const jpeg = payloadOf(frame);
    const { res } = this.exchange;
    res.cork(() => {
      res.write(
        `--${boundary}\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n` +
          `X-Sensor-Ns: ${frame.sensorNs}\r\n\r\n`,
      );
      res.write(jpeg);
      this.drained = res.write('\r\n');
    });
  }

  check(): void {
    // Nothing is owed: a client that has gone ends its exchange.
  }
}
