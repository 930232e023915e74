import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from './support/browser.js';
import { monitorsOf, startController, tempFolder, type TestController } from './support/fleet.js';
import { startImpostor } from './support/impostor.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';
import { openSettings } from './support/web-page.js';

/** Pairing as two people do it: one at the monitor's page, one at the controller's. */

const { folder, remove } = await tempFolder();
let monitor: TestServer;
let controller: TestController;
let browser: Browser;
let there: Page;
let here: Page;

async function pageOf(host: string): Promise<Page> {
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`http://${host}/`);
  return page;
}

t.before(async () => {
  monitor = await startServer();
  controller = await startController(join(folder, 'data'), {
    discovery: false,
    monitors: [monitor.client.host],
  });
  browser = await launchBrowser();
  there = await pageOf(monitor.client.host);
  here = await pageOf(controller.client.host);
});

t.teardown(async () => {
  await browser.close();
  await controller.stop();
  await monitor.close();
  await remove();
});

/** For whoever wants to look at the pages: set SCREENSHOTS to a folder. */
async function screenshot(page: Page, name: string): Promise<void> {
  const into = process.env['SCREENSHOTS'];
  if (into === undefined) return;
  await mkdir(into, { recursive: true });
  await page.screenshot({ path: `${into}/${name}.png` });
}

t.test('the code of one page is typed on the other', async (t) => {
  await openSettings(there);
  await there.getByRole('button', { name: 'Pair with a controller' }).click();
  await there.locator('#pairing-code').scrollIntoViewIfNeeded();
  const code = (await there.locator('#pairing-code').textContent()) ?? '';
  t.match(code, /^\d{8}$/);
  await screenshot(there, 'pairing-code');

  await here.locator('.edit').first().click();
  await here.getByText('It is not paired').waitFor();
  const field = here.getByLabel('Code the monitor shows');
  await field.fill(code === '12345678' ? '87654321' : '12345678');
  await here.locator('.pair').click();
  await here.getByRole('alert').getByText('The code is wrong').waitFor();
  await there.getByText('4 tries are left').waitFor();
  await field.fill(code);
  await here.locator('.pair').click();
  await here.getByText('It is paired').waitFor();
  await screenshot(here, 'paired-controller');
  await there.getByText('They are paired.').waitFor();
  await screenshot(there, 'paired-monitor');
  await until(async () => {
    const [view] = await monitorsOf(controller.client);
    return view?.paired === true && view.reachable;
  }, 'it is reached');
});

t.test('a machine that claims to be the monitor is marked on its tile', async (t) => {
  const { id } = (await monitorsOf(controller.client))[0]!;
  const tile = here.locator(`.tile[data-id="${id}"]`);
  await here.getByRole('button', { name: 'Cancel' }).click();
  const impostor = await startImpostor(
    id,
    () => monitor.monitor.status(),
    () => ({ session: 'A'.repeat(22), proof: 'B'.repeat(43) }),
  );
  t.teardown(() => impostor.close());
  controller.controller.fleet.sighted(id, impostor.address);
  const words = tile.getByText(`Something at ${impostor.address} says it is this monitor`);
  await words.waitFor();
  await screenshot(here, 'impostor');
  t.equal(await tile.locator('.badge.impostor').textContent(), 'Impostor');
  t.equal(await tile.getAttribute('data-state'), 'idle', 'the monitor itself goes on');
  t.match(await here.locator('#attention-count').textContent(), /1/);
  await here.fill('#filter', 'impostor');
  t.equal(await here.locator('.tile').count(), 1, 'it is found by the word');
  impostor.close();
  await words.waitFor({ state: 'detached' });
  await here.fill('#filter', '');
  await here.locator('.edit').first().click();
});

t.test('the pairing is ended on the page, and forgotten on the other', async (t) => {
  const { host } = controller.controller;
  await there.getByRole('button', { name: `End the pairing with ${host}` }).click();
  await there.getByText('paired with no controller').waitFor();
  await until(async () => {
    const [view] = await monitorsOf(controller.client);
    return view?.problem?.code === 'unproved';
  }, 'the controller notices');
  await here.getByRole('button', { name: 'Forget the pairing' }).click();
  await here.getByText('It is not paired').waitFor();
  const [view] = await monitorsOf(controller.client);
  t.equal(view?.paired, false);
});
