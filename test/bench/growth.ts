import { readdirSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { CDPSession } from 'playwright-core';
import { launchBrowser } from '../support/browser.js';
import { AgeViewer } from './age-viewer.js';
import { ServerProcess } from './server-process.js';
import { percentile, slope, table } from './stats.js';

/** So many readings, but none sooner after the last one than `leastSeconds`. */
const wantedReadings = 60;
const leastSeconds = 5;

/**
 * What must not grow: the median of the last third may be `factor` times that of the first third, and
 * `room` more, which is what comes and goes by itself. The first tenth counts as warming up.
 */
const measures = {
  jpegMs: { title: 'JPEG p50 ms', factor: 1.25, room: 5 },
  h264Ms: { title: 'H.264 p50 ms', factor: 1.25, room: 5 },
  serverMb: { title: 'server MB', factor: 1.1, room: 4 },
  fds: { title: 'fds', factor: 1, room: 2 },
  pageMb: { title: 'page heap MB', factor: 1.1, room: 1 },
} as const;
type Measure = keyof typeof measures;
const names = Object.keys(measures) as Measure[];

type Reading = Record<Measure, number> & { minute: number };

interface Verdict {
  early: number;
  late: number;
  ratio: number;
  perHour: number;
  limit: number;
  grew: boolean;
}

/** Records 720p30 with a viewer of each kind and the page in a browser for the asked minutes: does anything grow? */
export async function benchGrowth({ minutes = 30 }: { minutes?: number }): Promise<object> {
  const server = await ServerProcess.start(tmpdir());
  const browser = await launchBrowser();
  const viewers: AgeViewer[] = [];
  try {
    await server.call('POST', '/recording', {});
    const jpeg = new AgeViewer(server.base, 'jpeg');
    const h264 = new AgeViewer(server.base, 'h264');
    viewers.push(jpeg, h264);
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${server.base}/monitor.html`);
    await page.locator('canvas#preview[data-sequence]').waitFor();
    const devTools = await page.context().newCDPSession(page);
    const shown = (): Promise<number> =>
      page.evaluate<number>(`Number(document.querySelector('#preview').dataset.sequence)`);

    const everySeconds = Math.max(leastSeconds, (minutes * 60) / wantedReadings);
    const readings: Reading[] = [];
    console.log(names.map((name) => measures[name].title).join('  '));
    for (let passed = everySeconds; passed <= minutes * 60; passed += everySeconds) {
      const before = await shown();
      await delay(everySeconds * 1000);
      if ((await shown()) === before) throw new Error('The page shows nothing new.');
      const reading = {
        minute: passed / 60,
        jpegMs: percentile(jpeg.takeAges(), 0.5),
        h264Ms: percentile(h264.takeAges(), 0.5),
        serverMb: server.memory().nowMb,
        fds: readdirSync(`/proc/${server.pid}/fd`).length,
        pageMb: await heapMb(devTools),
      };
      readings.push(reading);
      console.log(line(reading));
    }
    const losses = await server.endRecording();
    const verdicts = Object.fromEntries(names.map((name) => [name, judge(readings, name)]));
    const load = loadavg().map((one) => Number(one.toFixed(1)));
    print(minutes, verdicts as Record<Measure, Verdict>);
    console.log(`lost: ${JSON.stringify(losses)}; load ${load.join(' ')}`);
    return { minutes, verdicts, losses, load, readings };
  } finally {
    for (const viewer of viewers) viewer.close();
    await browser.close();
    await server.stop();
  }
}

/** Of the page's scripts, once what nobody needs is gone. */
async function heapMb(devTools: CDPSession): Promise<number> {
  await devTools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devTools.send('Runtime.getHeapUsage');
  return usedSize / 2 ** 20;
}

function judge(readings: readonly Reading[], name: Measure): Verdict {
  const steady = readings.slice(Math.ceil(readings.length / 10));
  const third = Math.ceil(steady.length / 3);
  const middle = (part: readonly Reading[]): number =>
    percentile(
      part.map((reading) => reading[name]),
      0.5,
    );
  const [early, late] = [middle(steady.slice(0, third)), middle(steady.slice(-third))];
  const { factor, room } = measures[name];
  const limit = early * factor + room;
  const perHour = slope(steady.map(({ minute, [name]: value }) => [minute / 60, value]));
  // What cannot be told has not been shown to stay.
  return { early, late, ratio: late / early, perHour, limit, grew: !(late <= limit) };
}

function line(reading: Reading): string {
  return names
    .map((name) => reading[name].toFixed(1).padStart(measures[name].title.length))
    .join('  ');
}

function print(minutes: number, verdicts: Record<Measure, Verdict>): void {
  console.log(`\n${minutes} min of recording, a JPEG and an H.264 viewer, and the page:`);
  console.log(
    table([
      ['', 'first third', 'last third', 'ratio', 'an hour', 'limit', 'grew'],
      ...names.map((name) => {
        const { early, late, ratio, perHour, limit, grew } = verdicts[name];
        const cells = [early, late, ratio, perHour, limit].map((value) => value.toFixed(2));
        return [measures[name].title, ...cells, grew ? 'YES' : 'no'];
      }),
    ]),
  );
  const grown = names.filter((name) => verdicts[name].grew).map((name) => measures[name].title);
  console.log(grown.length === 0 ? 'No growth.' : `Growth: ${grown.join(', ')}.`);
}
