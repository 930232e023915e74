import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import t from 'tap';
import { laterStamp } from './support/browser.js';
import { openSettings, startWebTest, type WebTest } from './support/web-page.js';

/** The page on phones and large screens, in both themes, for eyes, hands and screen readers. */

let web: WebTest;

t.before(async () => {
  web = await startWebTest();
  const body = JSON.stringify({ name: 'short' });
  const headers = { 'Content-Type': 'application/json' };
  const url = `http://127.0.0.1:${web.port}/api/v1/recording`;
  await fetch(url, { method: 'POST', headers, body });
  await fetch(url, { method: 'DELETE' });
});

t.teardown(() => web.close());

const screens = [
  { viewport: { width: 360, height: 740 }, locale: 'de-DE' },
  { viewport: { width: 820, height: 1180 }, locale: 'en-GB' },
  { viewport: { width: 1920, height: 1080 }, locale: 'de-DE' },
];
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe-core calls serious or critical, one line each. */
async function findings(page: Page): Promise<string[]> {
  // Sent as text: the page's policy lets no script in from elsewhere.
  const violations = await page.evaluate<Finding[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
}

async function openAll(page: Page): Promise<void> {
  await page.locator('#show-figures').click();
  await page.locator('#show-light').click();
  await page.locator('#show-plots').click();
  await page.locator('#plots').waitFor();
  await page.locator('#add-field').click();
  await page.locator('#allow-removal').check();
  await openSettings(page); // last: on a phone they lie over the rest
}

for (const colorScheme of ['dark', 'light'] as const) {
  t.test(
    `nothing serious is found for those who see or move otherwise, ${colorScheme}`,
    async (t) => {
      const page = await web.openPage({ colorScheme, bypassCSP: true });
      await laterStamp(page, null);
      await page.addScriptTag({ path: axe });
      await openAll(page);
      t.same(await findings(page), []);
      await page.locator('#recordings button', { hasText: 'Remove' }).first().click();
      await page.getByRole('dialog').first().waitFor();
      t.same(await findings(page), [], 'nor in a dialog');
      await page.keyboard.press('Escape');
      await page.locator('#glass-test').click();
      await page.getByRole('dialog', { name: 'From glass to glass' }).waitFor();
      t.same(await findings(page), [], 'nor where the delay is measured');
      await page.context().close();
    },
  );
}

t.test(
  'on each size nothing is wider than the screen, nor smaller than a gloved thumb',
  async (t) => {
    for (const { viewport, locale } of screens) {
      const page = await web.openPage({ viewport, locale });
      await laterStamp(page, null);
      await openAll(page);
      const name = `${viewport.width} px, ${locale}`;
      const over = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      t.equal(over, 0, name);
      const small = await page.evaluate<string[]>(`
      [...document.querySelectorAll('button, a.button, select, input:not(.unseen, [type="checkbox"])')]
        .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
        .map((one) => one.outerHTML)`);
      t.same(small, [], name);
      await page.context().close();
    }
  },
);

t.test('the first load is small, and asks no other host', async (t) => {
  let bytes = 0;
  const page = await web.browser.newPage();
  const loads: Promise<void>[] = [];
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.startsWith('/api/')) return;
    loads.push(response.body().then((body) => void (bytes += body.length)));
  });
  await page.goto(`http://127.0.0.1:${web.port}/monitor.html`);
  await laterStamp(page, null);
  await Promise.all(loads);
  t.ok(bytes > 20_000, 'it was counted');
  t.ok(bytes < 150_000, `${bytes} bytes, uncompressed`);
  t.same(web.faults, []);
  await page.close();
});

t.test('German comes only to who reads it, and no other language flashes before it', async (t) => {
  const english = await web.openPage();
  await laterStamp(english, null);
  const loaded = (page: Page): Promise<boolean> =>
    page.evaluate(
      `performance.getEntriesByType('resource').some(({ name }) => /german-/.test(name))`,
    );
  t.notOk(await loaded(english));
  await openSettings(english);
  await english.locator('#page-language').selectOption('de');
  await english.locator('#stream-toggle', { hasText: 'Bild aus' }).waitFor();
  t.ok(await loaded(english), 'chosen, it comes');

  const german = await (await web.browser.newContext({ locale: 'de-DE' })).newPage();
  let before: string | null = null;
  await german.route(/german-/, async (route) => {
    before = await german.locator('#app').innerHTML();
    await route.continue();
  });
  await german.goto(`http://127.0.0.1:${web.port}/monitor.html`);
  await german.locator('#stream-toggle', { hasText: 'Bild aus' }).waitFor();
  t.equal(before, '', 'nothing is drawn until it is there');
  await german.unroute(/german-/);
  await german.route(/german-/, (route) => route.abort());
  await german.reload();
  await german.locator('#stream-toggle', { hasText: 'Stop stream' }).waitFor();
  t.pass('where it cannot be had the page is in English');
  await german.context().close();
  await english.context().close();
});
