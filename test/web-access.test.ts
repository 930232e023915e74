import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from './support/browser.js';
import { unsynchronised } from './support/clocks.js';
import { fakeCommands, type FakeCommands } from './support/fake-commands.js';
import { lock, passwords } from './support/locked.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';
import { openSettings } from './support/web-page.js';

/** Signing in, and the machine's clock and power, on the page. */

let server: TestServer;
let browser: Browser;
let page: Page;
let commands: FakeCommands;

t.before(async () => {
  commands = await fakeCommands('date', 'systemctl');
  server = await startServer({}, { clockState: () => unsynchronised() });
  browser = await launchBrowser();
  page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`http://${server.client.host}/monitor.html`);
});

t.teardown(async () => {
  await browser.close();
  await server.close();
  await commands.remove();
});

const signIn = async (password: string): Promise<void> => {
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
};

/** For whoever wants to look at the page: set SCREENSHOTS to a folder. */
async function screenshot(name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}

t.test('open, then locked while the page is shown; a viewer, then an operator', async (t) => {
  await page.getByText('Open, no password').waitFor();
  await screenshot('open');
  await lock(server);
  await page.getByLabel('Password').waitFor();
  await screenshot('login');
  t.equal(await page.locator('#preview').count(), 0, 'nothing else is shown');
  await signIn('a wrong one');
  await page.getByRole('alert').getByText('The password is wrong.').waitFor();
  await signIn(passwords.view);
  await page.getByText('Signed in to look only.').waitFor();
  await openSettings(page);
  t.equal(await page.getByRole('button', { name: 'Reboot' }).count(), 0);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(passwords.operate);
  await openSettings(page);
  await page.getByRole('button', { name: 'Reboot' }).waitFor();
});

t.test('the clock is set, and the machine rebooted after a question', async (t) => {
  await page.getByRole('button', { name: 'Set clock from this device' }).click();
  await page.getByText(/The clock is set, to within \d+ ms/).waitFor();
  t.match(await commands.calls(), [/^date --utc --set=@\d+\.\d{6}$/]);

  await page.getByRole('button', { name: 'Reboot' }).click();
  await page.getByRole('heading', { name: 'Reboot the machine?' }).waitFor();
  await screenshot('system');
  await page.getByRole('button', { name: 'Cancel' }).click();
  t.equal((await commands.calls()).length, 1, 'nothing happened yet');
  await page.getByRole('button', { name: 'Reboot' }).click();
  await page
    .getByRole('dialog', { name: 'Reboot the machine?' })
    .getByRole('button', { name: 'Reboot' })
    .click();
  await until(async () => (await commands.calls()).length === 2, 'it reboots');
  t.equal((await commands.calls())[1], 'systemctl --no-ask-password reboot');
});
