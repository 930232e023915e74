import t from 'tap';
import { classFor, classWidths } from '../src/http/live/classes.js';
import { Flow, overdueMs } from '../src/http/live/flow.js';
import { Pace } from '../src/http/live/pace.js';
import { simulate, type Outcome } from './support/link.js';

const jpegs = [40_000, 12_000]; // 640 × 360 and 320 × 180
const seconds = 60;

const oldest = ({ arrivals }: Outcome): number => Math.max(...arrivals.map(({ ageMs }) => ageMs));
const longestPause = ({ arrivals }: Outcome): number =>
  Math.max(...arrivals.map(({ atMs }, i) => atMs - (arrivals[i - 1]?.atMs ?? 0)));
const rate = ({ arrivals }: Outcome, fromSecond = 0): number =>
  arrivals.filter(({ atMs }) => atMs >= fromSecond * 1000).length / (seconds - fromSecond);

t.test('a near viewer gets every frame, one at a time', async (t) => {
  const link = { bytesPerSecond: 100e6, delayMs: 1 };
  const outcome = simulate({ link, fps: 15, frameBytes: jpegs, seconds });
  t.ok(rate(outcome) > 14.9, 'every frame');
  t.equal(outcome.finalWindow, 1, 'more on their way would gain nothing');
  t.ok(oldest(outcome) <= 5, `the oldest was ${oldest(outcome)} ms`);
});

t.test('a viewer a long way off gets its rate by more frames on their way', async (t) => {
  const link = { bytesPerSecond: 100e6, delayMs: 75 };
  const outcome = simulate({ link, fps: 30, frameBytes: jpegs, seconds });
  t.ok(rate(outcome, 10) > 25, `${rate(outcome, 10)} a second of 30`);
  t.ok(outcome.finalWindow >= 4, `a window of ${outcome.finalWindow}`);
  t.equal(outcome.finalSteps, 0, 'of the wanted size');
  t.ok(oldest(outcome) <= 120, `the oldest was ${oldest(outcome)} ms`);
});

t.test('a thin link: smaller frames, none old, none starving', async (t) => {
  const links: [bytesPerSecond: number, delayMs: number][] = [
    [50_000, 5],
    [50_000, 50],
    [40_000, 5],
    [100_000, 5],
    [150_000, 20],
    [250_000, 5],
    [400_000, 5],
  ];
  for (const [bytesPerSecond, delayMs] of links) {
    const outcome = simulate({
      link: { bytesPerSecond, delayMs },
      fps: 15,
      frameBytes: jpegs,
      seconds,
    });
    const name = `${bytesPerSecond / 1000} kB/s, ${delayMs} ms: oldest ${oldest(outcome)} ms`;
    t.ok(oldest(outcome) <= 1500, name);
    t.ok(longestPause(outcome) <= 1500, `${name}, longest pause ${longestPause(outcome)} ms`);
    const last = outcome.arrivals.at(-1);
    const possible = bytesPerSecond / (jpegs[last?.steps ?? 0] ?? 1);
    const wanted = 0.7 * Math.min(15, possible);
    t.ok(
      rate(outcome, 20) >= wanted,
      `${name}, ${rate(outcome, 20).toFixed(1)} of ${possible} fps`,
    );
  }
});

t.test('larger frames again once the link is quick again', async (t) => {
  const outcome = simulate({
    link: { bytesPerSecond: 50_000, delayMs: 5 },
    fps: 15,
    frameBytes: jpegs,
    seconds,
    changeAt: { second: 20, link: { bytesPerSecond: 5e6, delayMs: 5 } },
  });
  const stepsAt = (second: number): number | undefined =>
    outcome.arrivals.findLast(({ atMs }) => atMs < second * 1000)?.steps;
  t.equal(stepsAt(19), 1);
  t.equal(stepsAt(59), 0);
});

t.test('acknowledgements', async (t) => {
  const flow = new Flow(66);
  t.notOk(flow.acked(1, 0), 'of a frame never sent');
  t.ok(flow.canSend());
  flow.sent(4_294_967_295, 0);
  t.notOk(flow.canSend(), 'one at a time at first');
  t.notOk(flow.acked(7, 10), 'of another frame');
  t.ok(flow.acked(4_294_967_295, 10));
  t.ok(flow.acked(4_294_967_295, 11), 'twice is no harm');
  t.equal(flow.inFlight, 0);
  t.notOk(flow.overdue(1e9), 'nothing is owed');
  flow.sent(5, 20);
  t.notOk(flow.overdue(20 + overdueMs));
  t.ok(flow.overdue(21 + overdueMs));
});

t.test('classes and paces', async (t) => {
  t.strictSame(classWidths(640), [640, 320]);
  t.strictSame(classWidths(1280), [1280, 640, 320]);
  t.strictSame(classWidths(1920), [1920, 960, 480]);
  t.strictSame(classWidths(320), [320]);
  const widths = [1280, 640, 320];
  const wanted = [null, 4000, 1280, 700, 640, 400, 320, 64];
  t.strictSame(
    wanted.map((one) => classFor(widths, one)),
    [0, 0, 0, 0, 1, 1, 2, 2],
  );

  const every = 1e9 / 15;
  const counted = (fps: number): number => {
    const pace = new Pace(1e9 / fps, every / 2);
    return Array.from({ length: 150 }, (_, i) => pace.due(i * every)).filter(Boolean).length;
  };
  t.equal(counted(15), 150);
  t.equal(counted(10), 100);
  t.equal(counted(5), 50);
  t.equal(counted(1), 10);
});
