import { build } from 'esbuild';
import t, { type Test } from 'tap';
import { Random } from './support/random.js';

/** The matching of the code that the page shows with the live view's brightness, on traces with a known delay. */

type Match = typeof import('../web/src/glass/match.js');
type Code = typeof import('../web/src/glass/code.js');
type Sample = Parameters<Match['matchCode']>[0][number];

const stdin = {
  contents: `export * from './match'; export * from './code';`,
  resolveDir: 'web/src/glass',
};
const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', write: false });
const script = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
const { matchCode, nextIntervalMs, flipCount } = (await import(
  `data:text/javascript;base64,${script}`
)) as Match & Code;

const cellCount = 48;

function flipsFrom(random: Random): number[] {
  const flips = [1000];
  while (flips.length < flipCount)
    flips.push((flips.at(-1) ?? 0) + nextIntervalMs(() => random.next()));
  return flips;
}

interface Trace {
  fps: number;
  /** Luma that the cell shows this long after the code was `lit`. */
  lumaOf: (cell: number, lit: (delayMs: number) => boolean, atMs: number) => number;
}

function traceOf(flips: readonly number[], { fps, lumaOf }: Trace): Sample[] {
  const samples: Sample[] = [];
  const end = (flips.at(-1) ?? 0) + 1500;
  for (let atMs = 7; atMs < end; atMs += 1000 / fps) {
    const lit = (delayMs: number): boolean =>
      flips.filter((flip) => flip <= atMs - delayMs).length % 2 === 1;
    const cells = Array.from({ length: cellCount }, (_, cell) => lumaOf(cell, lit, atMs));
    samples.push({ atMs, cells });
  }
  return samples;
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** A change waits for the next picture: half an interval on average, a whole one at most. */
function checkDelay(t: Test, trace: Sample[], flips: number[], delayMs: number, fps: number): void {
  const match = matchCode(trace, flips);
  if (match.kind !== 'found') return void t.fail(`${match.kind} at ${fps} fps, ${delayMs} ms`);
  const interval = 1000 / fps;
  const error = medianOf(match.delaysMs) - (delayMs + interval / 2);
  t.ok(Math.abs(error) <= interval / 2, `${error} ms off at ${fps} fps, ${delayMs} ms`);
  t.ok(match.delaysMs.length >= 0.9 * match.expected, 'nearly all changes are found');
}

t.test('a known delay is found to half a frame', (t) => {
  const flips = flipsFrom(new Random(1));
  for (const fps of [10, 30, 60])
    for (const delayMs of [40, 230, 1200, 2800]) {
      const lumaOf: Trace['lumaOf'] = (_, lit) => (lit(delayMs) ? 150 : 90);
      checkDelay(t, traceOf(flips, { fps, lumaOf }), flips, delayMs, fps);
    }
  t.end();
});

t.test('in a part of the picture, with noise, and while the light drifts', (t) => {
  const random = new Random(2);
  const flips = flipsFrom(random);
  for (const fps of [10, 30, 60]) {
    const lumaOf: Trace['lumaOf'] = (cell, lit, atMs) =>
      100 +
      60 * Math.sin(atMs / 4000) +
      16 * (random.next() - 0.5) +
      (cell === 17 && lit(310) ? 20 : 0);
    checkDelay(t, traceOf(flips, { fps, lumaOf }), flips, 310, fps);
  }
  t.end();
});

t.test('an exposure that adapts to the patch does not move it', (t) => {
  const flips = flipsFrom(new Random(3));
  // What is beside the patch goes the other way, and later, as the automatic answers.
  const lumaOf: Trace['lumaOf'] = (cell, lit) =>
    cell < 5 ? 80 + (lit(150) ? 60 : 0) - (lit(400) ? 25 : 0) : 120 - (lit(400) ? 40 : 0);
  checkDelay(t, traceOf(flips, { fps: 30, lumaOf }), flips, 150, 30);
  t.end();
});

t.test('delays that vary are told one by one', (t) => {
  const random = new Random(4);
  const flips = flipsFrom(random);
  const late = flips.map((_, i) => (i % 4 === 3 ? 260 : 100));
  const lumaOf: Trace['lumaOf'] = (_, __, atMs) =>
    flips.filter((flip, i) => flip + (late[i] ?? 0) <= atMs).length % 2 === 1 ? 150 : 90;
  const match = matchCode(traceOf(flips, { fps: 60, lumaOf }), flips);
  if (match.kind !== 'found') return void t.fail(match.kind);
  t.equal(match.delaysMs.length, flipCount);
  match.delaysMs.forEach((delay, i) => {
    const over = delay - (late[i] ?? 0);
    t.ok(over >= 0 && over <= 1000 / 60, `change ${i}: ${over} ms`);
  });
  t.end();
});

t.test('what is not the code gives no number', (t) => {
  const random = new Random(5);
  for (let round = 0; round < 10; round++) {
    const flips = flipsFrom(random);
    const other = flipsFrom(random);
    const kindOf = (lumaOf: Trace['lumaOf']): string =>
      matchCode(traceOf(flips, { fps: 30, lumaOf }), flips).kind;
    t.equal(
      kindOf((_, lit) => (lit(300) ? 90 : 150)),
      'unseen',
      'an inverted picture',
    );
    t.equal(
      kindOf(() => 90),
      'unseen',
      'a picture that stands',
    );
    t.equal(
      kindOf(() => 90 + 20 * random.next()),
      'unseen',
      'noise',
    );
    const blinking: Trace['lumaOf'] = (_, __, atMs) => (atMs % 1200 < 600 ? 150 : 90);
    t.equal(kindOf(blinking), 'unseen', 'a lamp that blinks');
    const otherCode: Trace['lumaOf'] = (_, __, atMs) =>
      other.filter((flip) => flip <= atMs).length % 2 === 1 ? 150 : 90;
    t.equal(kindOf(otherCode), 'unseen', 'the code of another page');
  }
  t.same(matchCode([], flipsFrom(random)), { kind: 'slow' }, 'no picture');
  t.end();
});

t.test('pictures that come too slowly are said to be too slow', (t) => {
  const flips = flipsFrom(new Random(6));
  const lumaOf: Trace['lumaOf'] = (_, lit) => (lit(300) ? 150 : 90);
  t.same(matchCode(traceOf(flips, { fps: 3, lumaOf }), flips), { kind: 'slow' });
  t.end();
});

t.test('the patch changes at most three times in any second', (t) => {
  const random = new Random(7);
  for (let round = 0; round < 50; round++) {
    const flips = flipsFrom(random);
    t.ok(flips.every((at, i) => (flips[i + 3] ?? Infinity) - at > 1000));
  }
  t.end();
});
