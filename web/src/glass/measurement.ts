import type { DrawnListeners } from '../use-preview';
import { flipCount, leadMs, nextIntervalMs } from './code';
import { LumaGrid } from './luma-grid';
import { matchCode, usualIntervalMs } from './match';
import type { Match, MatchResult, Sample } from './match';

/** `stopped`: no picture came any more; `hidden`: the page was not looked at. */
export type Outcome =
  (Match & Resolution) | Exclude<MatchResult, Match> | { kind: 'stopped' } | { kind: 'hidden' };

/** The steps in which the delays come, in ms. */
interface Resolution {
  refreshMs: number;
  pictureMs: number;
}

interface MeasurementParts {
  /** Shows the code: `data-lit` is `true` while it is white. */
  patch: HTMLElement;
  /** The live view, and who is told of each of its pictures. */
  canvas: HTMLCanvasElement;
  listeners: DrawnListeners;
  /** With the number of changes shown so far. */
  onProgress: (flips: number) => void;
  /** Once, unless it is stopped before. */
  onEnd: (outcome: Outcome) => void;
}

/** After the last change, for it to be seen. */
const tailMs = 1500;
const patienceMs = 2000;

/**
 * Shows the code on a patch and watches the live view for it. A change of the patch and a picture
 * are both on the glass with the refresh for which the browser called: the time of that call is
 * taken for both, so what the screen adds is the same in both and does not count.
 */
export class GlassMeasurement {
  readonly #parts: MeasurementParts;
  readonly #grid = new LumaGrid();
  readonly #samples: Sample[] = [];
  readonly #flips: number[] = [];
  readonly #refreshes: number[] = [];
  #drawn = false;
  #pictureAt = performance.now();
  #nextFlipAt = this.#pictureAt + leadMs;
  #request: number;

  constructor(parts: MeasurementParts) {
    this.#parts = parts;
    parts.patch.dataset['lit'] = 'false';
    parts.listeners.add(this.#onDrawn);
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#request = requestAnimationFrame(this.#onRefresh);
  }

  /** Nothing is called afterwards. */
  stop(): void {
    cancelAnimationFrame(this.#request);
    this.#parts.listeners.delete(this.#onDrawn);
    document.removeEventListener('visibilitychange', this.#onVisibility);
  }

  readonly #onDrawn = (): void => {
    this.#drawn = true;
  };

  readonly #onVisibility = (): void => {
    if (document.hidden) this.#end({ kind: 'hidden' });
  };

  readonly #onRefresh = (atMs: number): void => {
    this.#request = requestAnimationFrame(this.#onRefresh);
    this.#refreshes.push(atMs);
    if (this.#drawn) this.#takePicture(atMs);
    if (atMs - this.#pictureAt > patienceMs) this.#end({ kind: 'stopped' });
    else if (atMs < this.#nextFlipAt) return;
    else if (this.#flips.length < flipCount) this.#flip(atMs);
    else this.#finish();
  };

  #takePicture(atMs: number): void {
    this.#drawn = false;
    this.#pictureAt = atMs;
    this.#samples.push({ atMs, cells: this.#grid.read(this.#parts.canvas) });
  }

  #flip(atMs: number): void {
    this.#flips.push(atMs);
    this.#parts.patch.dataset['lit'] = String(this.#flips.length % 2 === 1);
    this.#nextFlipAt = atMs + (this.#flips.length < flipCount ? nextIntervalMs() : tailMs);
    this.#parts.onProgress(this.#flips.length);
  }

  #finish(): void {
    const result = matchCode(this.#samples, this.#flips);
    const refreshMs = usualIntervalMs(this.#refreshes);
    const pictureMs = usualIntervalMs(this.#samples.map(({ atMs }) => atMs));
    this.#end(result.kind === 'found' ? { ...result, refreshMs, pictureMs } : result);
  }

  #end(outcome: Outcome): void {
    this.stop();
    this.#parts.onEnd(outcome);
  }
}
