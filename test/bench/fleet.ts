import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { Rehearsal } from '../../src/rehearsal/rehearsal.js';
import { launchBrowser } from '../support/browser.js';
import { startControllerCommand, type MonitorCommand } from '../support/command.js';
import { monitorsOf, tempFolder, untilMonitors } from '../support/fleet.js';
import { scrollCost, type ScrollCost } from './scroll-cost.js';
import { mean, table } from './stats.js';

const few = 20;
/** After all have answered: the quick first round trips are over. */
const settleMs = 8000;

interface Cost {
  /** Of one core. */
  cpu: number;
  memoryMb: number;
}

interface Found {
  monitors: number;
  alone: Cost;
  withWall: Cost;
  /** Of what the controller knows of a monitor: where all are starved of time it is asked less often. */
  meanAgeS: number;
  scroll: ScrollCost;
}

/**
 * What a controller costs with few and with many monitors, alone and with the wall open in a browser of
 * 1920×1080, and what the page spends while it is scrolled. The monitors are simulated, in a process of
 * their own that is not counted.
 */
export async function benchFleet(options: { seconds: number; monitors: number }): Promise<object> {
  const { seconds, monitors } = options;
  const found = [await measure(few, seconds), await measure(monitors, seconds)];
  const share = (cpu: number): string => `${(cpu * 100).toFixed(1)} %`;
  console.log(
    table([
      [
        'monitors',
        'CPU',
        'with wall',
        'memory MB',
        'with wall',
        'status age s',
        'script ms a scroll frame',
        'fps',
      ],
      ...found.map(({ monitors, alone, withWall, meanAgeS, scroll }) => [
        String(monitors),
        share(alone.cpu),
        share(withWall.cpu),
        alone.memoryMb.toFixed(0),
        withWall.memoryMb.toFixed(0),
        meanAgeS.toFixed(2),
        scroll.scriptMs.toFixed(2),
        scroll.fps.toFixed(0),
      ]),
    ]),
  );
  const [first, last] = found.map(({ monitors, alone }) => alone.cpu / monitors);
  const ratio = (last ?? NaN) / (first ?? NaN);
  const load = loadavg().map((value) => Number(value.toFixed(1)));
  console.log(
    `cost of a monitor, ${few} to ${monitors}: ×${ratio.toFixed(2)}; load ${load.join(' ')}`,
  );
  return { found, ratio, load };
}

async function measure(monitors: number, seconds: number): Promise<Found> {
  const { folder, remove } = await tempFolder();
  const rehearsal = await Rehearsal.start(monitors);
  const settings = { monitors: rehearsal.addresses, discovery: false };
  await writeFile(join(folder, 'controller.json'), JSON.stringify(settings));
  const controller = await startControllerCommand(['--data', folder, '--log', 'info']);
  const browser = await launchBrowser();
  try {
    const known = ({ clock }: { clock: unknown }): boolean => clock !== null;
    await untilMonitors(controller.client, monitors, known, 'all answer', 60_000);
    await delay(settleMs);
    const alone = await costOf(controller, seconds);
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    await page.goto(`http://${controller.client.host}/`);
    await showsPictures(page);
    const withWall = await costOf(controller, seconds);
    const meanAgeS = await meanAge(controller);
    const scroll = await scrollCost(page);
    return { monitors, alone, withWall, meanAgeS, scroll };
  } finally {
    await browser.close();
    await controller.command.kill('SIGTERM');
    await rehearsal.stop();
    await remove();
  }
}

async function showsPictures(page: Page): Promise<void> {
  await page.waitForSelector('.tile canvas[data-sequence]', { timeout: 60_000 });
  await delay(settleMs / 4);
}

async function meanAge({ client }: MonitorCommand): Promise<number> {
  const nowUs = Date.now() * 1000;
  return mean((await monitorsOf(client)).map((one) => (nowUs - (one.heardWallUs ?? 0)) / 1e6));
}

async function costOf({ command }: MonitorCommand, seconds: number): Promise<Cost> {
  const pid = command.child.pid ?? 0;
  const [before, beganMs] = [cpuMs(pid), performance.now()];
  await delay(seconds * 1000);
  const cpu = (cpuMs(pid) - before) / (performance.now() - beganMs);
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpu, memoryMb: Number(rss) / 1024 };
}

/** Time on a processor of all threads of a process, ms. */
function cpuMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    const [ns = ''] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
    return sum + Number(ns) / 1e6;
  }, 0);
}
