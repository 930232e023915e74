import { percentile } from './percentile';
import type { Codec, DrawnFrame } from './preview';
import { measureServerClock } from './server-clock';
import type { ClockOffset } from './server-clock';
import { StampReader } from './stamp-reader';

/** What a viewer may want to know of the live view. Times in ms; null where there is no telling. */
export interface ViewFigures {
  /** Pictures shown a second. */
  fps: number;
  /** Since the meter was started: left out on the way or here, beyond the rate asked for. */
  skipped: number;
  /** From the exposure to the glass. */
  latency: { median: number; p95: number; worst: number; uncertainty: number } | null;
  /** Of the newest picture; null before the first. */
  picture: { width: number; height: number; codec: Codec } | null;
  /** The time was read from the picture itself, and not from what came with it. */
  fromStamp: boolean;
}

interface Shown extends DrawnFrame {
  atMs: number;
  latencyMs: number | null;
}

/** Figures are of this time; long enough to be steady, short enough to follow a change. */
const spanMs = 5000;
const clockEveryMs = 30_000;

/** Measures the live view while somebody looks at the figures; nothing of it runs otherwise. */
export class ViewMeter {
  readonly #canvas: HTMLCanvasElement;
  readonly #stamps = new StampReader();
  readonly #timer: ReturnType<typeof setInterval>;
  #offset: ClockOffset | null = null;
  #shown: Shown[] = [];
  #skipped = 0;
  #fromStamp = false;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#timer = setInterval(() => this.#askClock(), clockEveryMs);
    this.#askClock();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** To be called when a frame has been drawn: it is on the glass with the screen's next refresh. */
  drawn(frame: DrawnFrame): void {
    requestAnimationFrame(() => {
      const atMs = performance.now();
      const stampUs = this.#stamps.read(this.#canvas);
      this.#fromStamp = stampUs !== null;
      const offset = this.#offset;
      const latencyMs = offset && atMs + offset.offsetMs - (stampUs ?? frame.sensorUs) / 1000;
      this.#countSkipped(frame.sequence);
      this.#shown.push({ ...frame, atMs, latencyMs });
    });
  }

  figures(): ViewFigures {
    const since = performance.now() - spanMs;
    this.#shown = this.#shown.filter(({ atMs }) => atMs >= since);
    const latencies = this.#shown.flatMap(({ latencyMs }) => latencyMs ?? []);
    const { width, height } = this.#canvas;
    const newest = this.#shown.at(-1);
    const span = (newest?.atMs ?? 0) - (this.#shown[0]?.atMs ?? 0);
    return {
      picture: newest ? { width, height, codec: newest.codec } : null,
      fps: span > 0 ? ((this.#shown.length - 1) * 1000) / span : 0,
      skipped: this.#skipped,
      fromStamp: this.#fromStamp,
      latency:
        latencies.length === 0
          ? null
          : {
              median: percentile(latencies, 0.5),
              p95: percentile(latencies, 0.95),
              worst: Math.max(...latencies),
              uncertainty: this.#offset?.uncertaintyMs ?? NaN,
            },
    };
  }

  /** Every second frame of the camera is a step of 2; a step of 4 among those is one left out. */
  #countSkipped(sequence: number): void {
    const last = this.#shown.at(-1);
    if (!last) return;
    const steps = this.#shown
      .slice(1)
      .map((shown, i) => shown.sequence - (this.#shown[i]?.sequence ?? 0));
    const usual = percentile(steps, 0.5);
    const step = sequence - last.sequence;
    if (usual > 0 && step > 0) this.#skipped += Math.max(0, Math.round(step / usual) - 1);
  }

  #askClock(): void {
    measureServerClock().then(
      (offset) => (this.#offset = offset),
      () => undefined, // the one before goes on; that the monitor is silent is said elsewhere
    );
  }
}
