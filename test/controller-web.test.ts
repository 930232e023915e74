import { createRequire } from 'node:module';
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

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** What the menu of further commands opens. */
const more = ['controls', 'groups', 'convert', 'shutdown', 'remove'];

async function openDialog(other: Page, name: string): Promise<void> {
  if (name === 'edit') await other.locator('.edit').first().click();
  else if (more.includes(name)) await other.selectOption('#more', name);
  else await other.click(name === 'run' ? '#start-together' : `#${name}`);
  await other.waitForSelector('dialog[open]');
}

/** What axe-core calls serious or critical, one line each. */
function findings(other: Page): Promise<string[]> {
  // Sent as text: the page's policy lets no script in from elsewhere.
  return other.evaluate<string[]>(`
    axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`);
}

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
  const [{ id } = { id: '' }] = await monitorsOf(controller.client);
  await page.locator(`.tile[data-id="${id}"] .edit`).click();
  await page.fill('dialog .name', 'cage 1');
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
  await page.click('#push');
  await page.selectOption('#source', first!.id);
  await page.waitForSelector('#differences li');
  t.match(await page.textContent('#differences'), /preview\.fps 15 → 9/);
  await page.click('dialog .strong');
  await until(async () => {
    const config = (await monitors[1]!.client.get('/api/v1/config')).json();
    return (config['preview'] as { fps: number }).fps === 9;
  }, 'the other has them');
});

t.test('a preset is pushed, with its controls, once the difference was seen', async (t) => {
  const [first, second] = await monitorsOf(controller.client);
  const preset = { name: 'night', config: { preview: { fps: 6 } }, controls: { Brightness: 0.5 } };
  await monitors[0]!.client.send('POST', '/api/v1/presets', { body: preset });
  await page.click('#push');
  await page.selectOption('#source', first!.id);
  await page.selectOption('#preset', 'night');
  await page.waitForSelector('#differences li:has-text("controls.Brightness 0 → 0.5")');
  t.match(await page.textContent('#differences'), /preview\.fps 9 → 6/);
  await page.click('dialog .strong');
  await page.waitForSelector('#report[data-state="ended"] h2:has-text("Preset: 2 done")');
  const { items } = (await monitors[1]!.client.get('/api/v1/presets')).json();
  t.match(items, [{ name: 'night' }], `it is kept at ${second!.name} too`);
});

t.test('the cameras are set, and only in what was changed', async (t) => {
  await page.selectOption('#more', 'controls');
  await page.fill('#control-Brightness-number', '0.25');
  await page.press('#control-Brightness-number', 'Tab');
  await page.waitForSelector('#differences li:has-text("controls.Brightness 0.5 → 0.25")');
  t.notMatch(await page.textContent('#differences'), /ExposureTime/);
  await page.click('dialog .strong');
  await page.waitForSelector('#report[data-state="ended"] h2:has-text("controls: 2 done")');
});

t.test('those at which it was not done are tried again', async (t) => {
  await monitors[1]!.client.send('POST', '/api/v1/recording', { body: { name: 'in-the-way' } });
  await page.click('#start-all');
  await page.waitForSelector('#report[data-state="ended"] h2:has-text("1 done, 1 refused")');
  await monitors[1]!.client.send('DELETE', '/api/v1/recording');
  await page.click('#retry');
  await page.waitForSelector('#report[data-state="ended"] h2:has-text("Record: 2 done")');
  t.equal(await page.locator('#retry').count(), 0, 'nothing is left to do');
  await page.click('#stop-all');
  await page.click('dialog .strong');
  await page.waitForSelector('#report h2:has-text("Stop: 2 done")');
});

t.test('chosen recordings are removed, once it is ticked that they are gone', async (t) => {
  const names = async (): Promise<string[]> => {
    const { items } = (await monitors[0]!.client.get('/api/v1/recordings')).json();
    return (items as { name: string }[]).map(({ name }) => name);
  };
  const before = await names();
  await page.selectOption('#more', 'remove');
  await page.locator('.recording-choice fieldset').first().getByLabel(before[0]!).check();
  const remove = page.locator('dialog .strong');
  t.ok(await remove.isDisabled(), 'not before it is ticked');
  await page.check('#sure');
  await remove.click();
  await page.waitForSelector('#report[data-state="ended"] h2:has-text("1 done")');
  t.same(await names(), before.slice(1));
});

t.test('a group is made, selected and left; a monitor leaves the fleet', async (t) => {
  await page.selectOption('#more', 'groups');
  await page.fill('#group', 'rack 2');
  await page.click('#put-in');
  await page.selectOption('#selection', 'none');
  await page.selectOption('#selection', { label: 'Group rack 2 (2)' });
  t.match(await page.textContent('#meant'), /2 selected/);
  await page.selectOption('#more', 'groups');
  await page.fill('#group', 'rack 2');
  await page.click('dialog button:has-text("Take out")');
  await page.waitForSelector('#selection option:has-text("rack 2")', { state: 'detached' });
  await page.selectOption('#selection', 'none');

  const guest = `127.0.0.1:${await freePort()}`;
  await page.click('#add');
  await page.fill('#address', guest);
  await page.keyboard.press('Enter');
  const tile = page.locator(`.tile:has-text("${guest}")`);
  await tile.locator('.edit').click();
  await page.check('dialog input[type="checkbox"]');
  await page.click('dialog .leave');
  await tile.waitFor({ state: 'detached' });
  t.equal((await monitorsOf(controller.client)).length, 3);
});

t.test('pictures stand still where they were stopped, and go on', async (t) => {
  const number = await page.locator('.tile').first().getAttribute('data-number');
  await page.locator('.tile input[type="checkbox"]').first().check();
  await page.selectOption('#more', 'pictures');
  await page.waitForSelector(`.tile[data-number="${number}"] canvas.old`);
  await until(() => controller.controller.wall.upstreamCount === 1, 'it is no longer asked for');
  await page.selectOption('#more', 'pictures');
  await page.waitForSelector(`.tile[data-number="${number}"] canvas:not(.old)`);
  await until(() => controller.controller.wall.upstreamCount === 2, 'and again');
  await page.selectOption('#selection', 'none');
  t.pass();
});

t.test('nothing serious is found for those who see or move otherwise', async (t) => {
  for (const colorScheme of ['dark', 'light'] as const) {
    const other = await browser.newPage({ colorScheme, bypassCSP: true, locale: 'de-DE' });
    await other.goto(`http://${controller.client.host}/controller.html`);
    await other.addScriptTag({ path: axe });
    await other.waitForSelector('.tile[data-state="idle"]');
    t.same(await findings(other), [], colorScheme);
    for (const open of ['run', 'push', 'fetch', 'add', 'edit', ...more]) {
      await openDialog(other, open);
      t.same(await findings(other), [], `${open}, ${colorScheme}`);
      await other.keyboard.press('Escape');
    }
    await other.close();
  }
});

t.test('the page has done nothing it may not', async (t) => {
  await page.setViewportSize({ width: 360, height: 740 });
  t.ok(await inPage('document.documentElement.scrollWidth <= 360'), 'it fits a phone');
  const small = await inPage<string[]>(`
    [...document.querySelectorAll('button, a.button, select, input:not([type="checkbox"])')]
      .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
      .map((one) => one.outerHTML)`);
  t.same(small, [], 'nothing is smaller than a thumb');
  t.same(faults, []);
});
