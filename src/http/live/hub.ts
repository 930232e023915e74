import type { Config } from '../../config/schema.js';
import type { LiveView } from '../../monitor/live-pictures.js';
import type { LiveViewCounts } from '../../monitor/status.js';
import type { PreviewClass } from '../../native.js';
import { Histogram } from '../metrics/histogram.js';
import { classFor, classWidths } from './classes.js';
import { readFrame, type Frame } from './frame.js';

/** One who watches, by whatever way the pictures travel. */
export interface Viewer {
  readonly wantedWidth: number | null;
  /** Null: as many as there are. */
  readonly wantedFps: number | null;
  /** Sizes below the wanted one that its link asks for. */
  readonly steps: number;
  /** The width of the class it is given now. */
  classWidth: number;
  /** The classes, or what it gets of them, changed. */
  onClass(fps: number, classFps: number, stepsBelow: number): void;
  /** A newer frame of its class. Called for every frame and viewer: it must be quick. */
  offer(frame: Frame): void;
  /** Called now and then. */
  check(nowMs: number): void;
}

const checkEveryMs = 500;

/**
 * Gives each viewer the newest frame of a size that suits it, and tells the camera which sizes and
 * rates are wanted; nobody watching, none is.
 */
export class PreviewHub implements LiveView {
  /** From the sensor's stamp to the picture's arrival in this thread, in seconds. */
  readonly latency = new Histogram([0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.2, 0.5, 1, 2]);
  private readonly viewers = new Set<Viewer>();
  private readonly newest = new Map<number, Frame>();
  private widths: number[] = [];
  private settings: Config['preview'] | null = null;
  private requested = '[]';
  private timer: NodeJS.Timeout | null = null;
  private skippedCount = 0;

  constructor(private readonly setPreview: (classes: PreviewClass[]) => void) {}

  counts(): LiveViewCounts {
    return { viewers: this.viewers.size, skipped: this.skippedCount };
  }

  /** A frame was due for a viewer, but a newer one took its place. */
  countSkipped(): void {
    this.skippedCount++;
  }

  add(viewer: Viewer): void {
    this.viewers.add(viewer);
    this.timer ??= setInterval(() => this.check(), checkEveryMs).unref();
    this.assign();
  }

  remove(viewer: Viewer): void {
    this.viewers.delete(viewer);
    if (this.viewers.size === 0 && this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
    this.assign();
  }

  newestOf(classWidth: number): Frame | undefined {
    return this.newest.get(classWidth);
  }

  onSettings(preview: Config['preview'], cameraWidth: number): void {
    this.settings = preview;
    this.widths = classWidths(Math.min(preview.width, cameraWidth));
    this.assign();
  }

  onPreview(classWidth: number, message: Uint8Array): void {
    const frame = readFrame(message, performance.now());
    this.latency.add(Number(process.hrtime.bigint()) / 1e9 - frame.sensorNs / 1e9);
    this.newest.set(classWidth, frame);
    for (const viewer of this.viewers) if (viewer.classWidth === classWidth) viewer.offer(frame);
  }

  /** Gives every viewer its class, and asks the camera for just those that are used. */
  assign(): void {
    if (this.settings === null) return;
    const { fps: most, quality } = this.settings;
    const classFps = new Map<number, number>();
    for (const viewer of this.viewers) {
      const wanted = classFor(this.widths, viewer.wantedWidth);
      const index = Math.min(wanted + viewer.steps, this.widths.length - 1);
      viewer.classWidth = this.widths[index] ?? 0;
      const fps = Math.min(viewer.wantedFps ?? most, most);
      classFps.set(viewer.classWidth, Math.max(classFps.get(viewer.classWidth) ?? 0, fps));
    }
    for (const viewer of this.viewers) {
      const below = this.widths.length - 1 - classFor(this.widths, viewer.wantedWidth);
      const fps = Math.min(viewer.wantedFps ?? most, most);
      viewer.onClass(fps, classFps.get(viewer.classWidth) ?? fps, below);
    }
    // A class's id is its width, so that a frame that is late for a change finds no wrong viewer.
    this.request([...classFps].map(([width, fps]) => ({ id: width, width, fps, quality })));
  }

  private request(classes: PreviewClass[]): void {
    const requested = JSON.stringify(classes);
    if (requested === this.requested) return;
    this.requested = requested;
    for (const width of this.newest.keys()) {
      if (!classes.some((one) => one.width === width)) this.newest.delete(width);
    }
    this.setPreview(classes);
  }

  private check(): void {
    const now = performance.now();
    for (const viewer of this.viewers) viewer.check(now);
  }
}
