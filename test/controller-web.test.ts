import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import t from 'tap';
import type { Status } from '../src/monitor/status.js';
import { launchBrowser } from './support/browser.js';
import {
  monitorsOf,
  startController,
  startFleetMonitor,
  tempFolder,
  untilMonitors,
  type FleetMonitor,
  type TestController,
} from './support/fleet.js';
import { freePort } from './support/monitor-process.js';
import { until } from './support/until.js';

/** The controller's page in a browser over real monitor processes, as a person uses it. */

const { folder, remove } = await tempFolder();
let monitors: FleetMonitor[];
let controller: TestController;
let browser: Browser;
let page: Page;
/** What no page may ever do: fail in a script, be refused by the policy, ask another host. */
const faults: string[] = [];

t.before(async () => {
  monitors = await Promise.all(['a', 'b'].map((name) => startFleetMonitor(join(folder, name))));
  const gone = `127.0.0.1:${await freePort()}`;
  controller = await startController(join(folder, 'controller'), {
    monitors: [...monitors.map(({ address }) => address), gone],
    limits: { clockUncertaintyMs: 1000 },
  });
  await untilMonitors(controller.client, 2, ({ clock }) => clock !== null, 'both answer');
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).host !== controller.client.host) faults.push(request.url());
  });
  await page.goto(`http://${controller.client.host}/`);
});

t.teardown(async () => {
  await browser.close();
  await controller.stop();
  await Promise.all(monitors.map(({ command }) => command.kill('SIGTERM')));
  await remove();
});

function inPage<T>(expression: string): Promise<T> {
  return page.evaluate<T>(expression);
}

async function states(): Promise<string[]> {
  return Promise.all(
    monitors.map(async ({ client }) => {
      const status = (await client.get('/api/v1/status')).json() as unknown as Status;
      return status.state;
    }),
  );
}

t.test('every monitor has a tile, with a picture that moves where it answers', async (t) => {
  await page.waitForSelector('.tile[data-state="idle"] canvas[data-sequence]');
  t.equal(await page.locator('.tile').count(), 3);
  t.equal(await page.locator('.tile[data-state="unreachable"]').count(), 1);
  const sequence = `document.querySelector('.tile[data-state="idle"] canvas').dataset.sequence`;
  const first = await inPage<string>(sequence);
  await until(() => inPage<boolean>(`${sequence} !== '${first}'`), 'the page shows it');
  const link = await page.locator('.tile[data-state="idle"] a').first().getAttribute('href');
  t.equal(link, `http://${monitors[0]!.address}/monitor.html`);
});

t.test('all are told to record; whoever did not is named', async (t) => {
  await page.click('#start-all');
  await page.waitForSelector('#report[data-state="ended"]');
  t.match(await page.textContent('#report h2'), /2 done, 1 unreachable/);
  t.match(await page.textContent('#report li'), /nothing listens there/);
  await page.waitForSelector('#recording-count');
  t.same(await states(), ['recording', 'recording']);
  await page.click('#stop-all');
  await page.click('dialog .strong');
  await until(async () => (await states()).every((state) => state === 'idle'), 'all have stopped');
});

t.test('tiles are filtered and sorted', async (t) => {
  await page.fill('#filter', 'unreachable');
  await until(
    () => inPage<boolean>(`document.querySelectorAll('.tile').length === 1`),
    'the page shows it',
  );
  await page.fill('#filter', '');
  await page.selectOption('#sort', 'state');
  await until(
    () => inPage<boolean>(`document.querySelector('.tile').dataset.state === 'unreachable'`),
    'the page shows it',
  );
  t.equal(await page.locator('.tile').count(), 3);
  await page.selectOption('#sort', 'number');
});

t.test('a monitor is named and grouped', async (t) => {
  const tile = page.locator('.tile[data-state="idle"]').first();
  await tile.locator('.edit').click();
  await page.fill('dialog input >> nth=0', 'cage 1');
  await page.fill('dialog .groups', 'rack 1, males');
  await page.click('dialog .save');
  await page.waitForSelector('.tile:has-text("cage 1"):has-text("rack 1, males")');
  const [first] = await monitorsOf(controller.client);
  t.match(first, { name: 'cage 1', groups: ['rack 1', 'males'] });
});

t.test('chosen monitors start together, after a look at who is ready', async (t) => {
  await page.waitForSelector('.tile[data-state="idle"] >> nth=1');
  await page.click('#start-together');
  await page.waitForSelector('#preflight');
  t.match(await page.textContent('#preflight'), /2 of 3 are ready/);
  t.ok(await page.isDisabled('#begin-run'), 'not without the third');
  await page.keyboard.press('Escape');
  for (const tile of await page.locator('.tile[data-state="idle"]').all())
    await tile.locator('input').check();
  await page.click('#start-together');
  await page.fill('dialog input >> nth=1', '1s');
  await page.click('#begin-run:not([disabled])');
  await page.waitForSelector('#runs li[data-state="done"]');
  t.match(await page.textContent('#runs'), /First frames within [\d.]+ ms/);
});

t.test('recordings are fetched', async (t) => {
  await page.click('#fetch');
  await page.click('#begin-fetch');
  await page.waitForSelector('#transfers [data-state="done"]');
  t.match(await page.textContent('#transfers'), /4 of 4/);
});

t.test('settings are copied once the difference was seen', async (t) => {
  const [first] = await monitorsOf(controller.client);
  const body = { preview: { fps: 9 } };
  await monitors[0]!.client.send('PATCH', '/api/v1/config', { body });
  await page.click('#copy-settings');
  await page.selectOption('#source', first!.id);
  await page.waitForSelector('#differences li');
  t.match(await page.textContent('#differences'), /preview\.fps 15 → 9/);
  await page.click('dialog .strong');
  await until(async () => {
    const config = (await monitors[1]!.client.get('/api/v1/config')).json();
    return (config['preview'] as { fps: number }).fps === 9;
  }, 'the other has them');
});

t.test('the page has done nothing it may not', async (t) => {
  await page.setViewportSize({ width: 360, height: 740 });
  t.ok(await inPage('document.documentElement.scrollWidth <= 360'), 'it fits a phone');
  t.same(faults, []);
});
