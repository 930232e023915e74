/** A picture of the live view, when it came on the glass: the mean luma of each cell of a grid. */
export interface Sample {
  atMs: number;
  cells: readonly number[];
}

/** Of each change that was seen, how long it took to be in a picture on the glass, in ms. */
export interface Match {
  kind: 'found';
  delaysMs: number[];
  /** Changes that were in time to be seen; what is not in `delaysMs` came too unclear or too late. */
  expected: number;
}

/** `slow`: pictures are too far apart to tell one change from the next. */
export type MatchResult = Match | { kind: 'unseen' } | { kind: 'slow' };

/** Delays are tried up to 3 s. */
const delayStepMs = 10;
const delaySteps = 300;
/** Drifts slower than this, of a lamp or of the camera's exposure, are taken out of the brightness. */
const driftMs = 3000;
/**
 * Of the best cell at the best delay. Bodies moving by chance through the cells stay below 0.5, in
 * 200 simulated measurements; noise as strong as the code leaves 0.7.
 */
const leastCorrelation = 0.6;
/** A change counts that is this share of the usual one. */
const leastStep = 0.5;
/** Share of the changes that must be found one by one. */
const leastFound = 2 / 3;

/**
 * Finds the code in the pictures. `flips` are the times at which the patch changed, beginning with
 * black to white, on the same clock as the samples; both in order of time.
 */
export function matchCode(samples: readonly Sample[], flips: readonly number[]): MatchResult {
  const intervals = flips.slice(1).map((at, i) => at - (flips[i] ?? 0));
  const pictureMs = usualIntervalMs(samples.map(({ atMs }) => atMs));
  if (pictureMs > Math.min(...intervals) / 2) return { kind: 'slow' };
  const best = bestFit(samples, flips);
  if (best.correlation < leastCorrelation) return { kind: 'unseen' };
  const steps = stepsAfter(samples, flips, best);
  const usual = middle(steps.map(({ height }) => height));
  const clear = steps.filter(({ height }) => height > 0 && height >= leastStep * usual);
  if (clear.length < leastFound * flips.length) return { kind: 'unseen' };
  return { kind: 'found', delaysMs: clear.map(({ delayMs }) => delayMs), expected: steps.length };
}

/** The median of what lies between these times; Infinity of fewer than two. */
export function usualIntervalMs(times: readonly number[]): number {
  if (times.length < 2) return Infinity;
  return middle(times.slice(1).map((at, i) => at - (times[i] ?? 0)));
}

interface Fit {
  cell: number;
  delayMs: number;
  /** Of 1; below 0 where the cell does the opposite. */
  correlation: number;
}

const nowhere: Fit = { cell: 0, delayMs: 0, correlation: 0 };

/**
 * The cell that follows the code best, and how late it does. A cell that does the opposite of the
 * code resembles it, an interval later, too: where that fits better, the cell does not count.
 */
function bestFit(samples: readonly Sample[], flips: readonly number[]): Fit {
  const times = samples.map(({ atMs }) => atMs);
  const around = neighbourhoods(times);
  const delays = Array.from({ length: delaySteps + 1 }, (_, i) => i * delayStepMs);
  const codes = delays.map((delayMs) => normalised(codeAt(times, flips, delayMs), around));
  const fits = (samples[0]?.cells ?? []).map((_, cell) => {
    const luma = samples.map(({ cells }) => cells[cell] ?? 0);
    const trace = normalised(luma, around);
    const correlations = codes.map((code) => product(code, trace));
    const strongest = largest(correlations.map(Math.abs));
    const correlation = correlations[strongest] ?? 0;
    return { cell, delayMs: strongest * delayStepMs, correlation };
  });
  return fits[largest(fits.map(({ correlation }) => correlation))] ?? nowhere;
}

/** What the patch showed so long before each of `times`: 1 is white. */
function codeAt(times: readonly number[], flips: readonly number[], delayMs: number): number[] {
  let passed = 0;
  return times.map((at) => {
    while ((flips[passed] ?? Infinity) <= at - delayMs) passed++;
    return passed % 2;
  });
}

/** For each time the samples within half of `driftMs`: from the first index up to before the second. */
function neighbourhoods(times: readonly number[]): [number, number][] {
  let from = 0;
  let to = 0;
  return times.map((at) => {
    while ((times[from] ?? Infinity) < at - driftMs / 2) from++;
    while ((times[to] ?? Infinity) <= at + driftMs / 2) to++;
    return [from, to];
  });
}

/** Without its drift, and of length 1 as a vector; all 0 where nothing changes. */
function normalised(values: readonly number[], around: readonly [number, number][]): number[] {
  const sums = [0];
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value);
  const free = values.map((value, i) => {
    const [from, to] = around[i] ?? [i, i + 1];
    return value - ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
  });
  const length = Math.hypot(...free);
  return free.map((value) => (length > 1e-6 ? value / length : 0));
}

interface Step {
  delayMs: number;
  /** By how much the luma changed, above 0 if it did as the patch did. */
  height: number;
}

/**
 * For each change that the pictures reach beyond: the first picture that is nearer to what comes
 * after it than to what was before. It is looked for as far as halfway to the changes beside it.
 */
function stepsAfter(
  samples: readonly Sample[],
  flips: readonly number[],
  { cell, delayMs }: Fit,
): Step[] {
  const reach = flips.slice(1).map((at, i) => (at - (flips[i] ?? 0)) / 2);
  const lastMs = samples.at(-1)?.atMs ?? -Infinity;
  return flips.flatMap((flip, i) => {
    const after = reach[i] ?? Math.min(...reach);
    const before = reach[i - 1] ?? Math.min(...reach);
    if (flip + delayMs + after > lastMs) return [];
    const near = samples.filter(
      ({ atMs }) => atMs > flip + delayMs - before && atMs < flip + delayMs + after,
    );
    const step = largestStep(
      near.map(({ cells }) => cells[cell] ?? 0),
      i % 2 === 0 ? 1 : -1,
    );
    const first = near[step.at];
    return first ? [{ delayMs: first.atMs - flip, height: step.height }] : [];
  });
}

/** Where a step in this direction fits best (least squares): of two levels, the means before and from `at`. */
function largestStep(values: readonly number[], sign: 1 | -1): { at: number; height: number } {
  const total = values.reduce((sum, value) => sum + value, 0);
  let best = { at: -1, height: 0, fit: -Infinity };
  let before = 0;
  for (let at = 1; at < values.length; at++) {
    before += values[at - 1] ?? 0;
    const rest = values.length - at;
    const height = sign * ((total - before) / rest - before / at);
    const fit = height * Math.sqrt(at * rest);
    if (fit > best.fit) best = { at, height, fit };
  }
  return best;
}

function product(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, i) => sum + value * (other[i] ?? 0), 0);
}

/** The index of the largest; 0 of none. */
function largest(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > (values[best] ?? -Infinity) ? i : best), 0);
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
