import type { Page } from 'playwright-core';
import t from 'tap';
import { laterStamp } from './support/browser.js';
import { openSettings, startWebTest, type WebTest } from './support/web-page.js';

/** What stays in sight and in reach on each size of screen. */

let web: WebTest;

t.before(async () => {
  web = await startWebTest();
});

t.teardown(() => web.close());

/** A phone upright and across, a tablet, a desk. */
const screens = [
  { width: 360, height: 740 },
  { width: 740, height: 360 },
  { width: 820, height: 1180 },
  { width: 1920, height: 1080 },
];

/** The element at the middle of what is looked for is itself or in it: nothing lies over it. */
async function isOnTop(page: Page, selector: string): Promise<boolean> {
  return page.evaluate<boolean>(`(() => {
    const wanted = document.querySelector('${selector}');
    const { left, top, width, height } = wanted.getBoundingClientRect();
    return wanted.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  })()`);
}

t.test('wherever one is on the page, the record button is there', async (t) => {
  for (const viewport of screens) {
    const name = `${viewport.width} × ${viewport.height}`;
    const page = await web.openPage({ viewport });
    await laterStamp(page, null);
    const scrolled = (): Promise<number> => page.evaluate('scrollY');
    await openSettings(page);
    t.ok(await isOnTop(page, '#record'), `${name}: with the settings`);
    t.ok(await isOnTop(page, '#preview'), `${name}: so is the picture`);
    // On a desk the browser may scroll to what is clicked below the window.
    if (viewport.width < 1024)
      t.equal(await scrolled(), 0, `${name}: the page stands where it was`);
    await page.locator('#settings-toggle').click();
    await page.locator('.errors h2').scrollIntoViewIfNeeded();
    t.ok(await isOnTop(page, '#record'), `${name}: at the end of the page`);
    await page.context().close();
  }
});

t.test('a group of settings stays as it was left', async (t) => {
  const page = await web.openPage();
  await page.locator('#settings-toggle').click();
  const isOpen = (id: string): Promise<boolean> =>
    page.evaluate(`document.querySelector('#group-${id}').open`);
  await page.locator('#group-camera').waitFor();
  t.same([await isOpen('controls'), await isOpen('camera')], [true, false]);
  await page.locator('#group-camera > summary').click();
  await page.locator('#group-controls > summary').click();
  await page.locator('[data-field="camera.fps"]').waitFor();
  await page.reload();
  await page.locator('#settings-toggle').click();
  await page.locator('[data-field="camera.fps"]').waitFor();
  t.same([await isOpen('controls'), await isOpen('camera')], [false, true]);
  await page.context().close();
});
