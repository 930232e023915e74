import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import type { Config } from '../src/config/schema.js';
import type { ControlInfo, ControlValue } from '../src/native.js';
import type { Preset } from '../src/monitor/presets.js';
import { laterStamp } from './support/browser.js';
import { until } from './support/until.js';
import { openSettings, startWebTest, type WebTest } from './support/web-page.js';

/** What is behind the gear beyond single values, and the last hour, in a browser. */

let web: WebTest;
let page: Page;

t.before(async () => {
  web = await startWebTest();
  page = await web.openPage();
  await openSettings(page);
  await page.locator('#lock').waitFor();
});

t.teardown(() => web.close());

async function control(id: string): Promise<ControlValue | undefined> {
  const { items } = await web.api<{ items: ControlInfo[] }>('/controls');
  return items.find((item) => item.id === id)?.value;
}

async function presets(): Promise<Preset[]> {
  return (await web.api<{ items: Preset[] }>('/presets')).items;
}

t.test('the camera settles, is locked, tells its drift, and is set free again', async (t) => {
  await page.getByRole('button', { name: 'Settle and lock' }).click();
  await page.getByText('Waiting for the camera to settle.').waitFor();
  await page.getByText('Locked.').waitFor();
  t.equal(await control('AeEnable'), false);
  const exposure = Number(await control('ExposureTime'));
  t.ok(exposure >= 9800 && exposure <= 10_205, `at what the automatic had found: ${exposure} µs`);
  const row = page.locator('.drift tr', { hasText: 'Exposure time' });
  await row.getByText('0.0 %').waitFor();

  await page.getByRole('button', { name: 'Unlock' }).click();
  await page.getByText('The camera adapts by itself.').waitFor();
  t.equal(await control('AeEnable'), true);
});

t.test('a preset is saved, exported, applied, removed and imported', async (t) => {
  const quality = page.locator('[data-field="preview.quality"] input');
  await page.getByLabel('Name of the preset').fill('day');
  await page.getByRole('button', { name: 'Save what is set' }).click();
  await page.getByText('day is saved.').waitFor();
  t.equal((await presets()).length, 1);

  await quality.fill('50');
  await page.locator('#apply').click();
  await until(async () => (await web.api<Config>('/config')).preview.quality === 50, 'it is set');
  await page.getByRole('button', { name: 'Apply day' }).click();
  await until(async () => (await web.api<Config>('/config')).preview.quality === 75, 'it is back');
  await until(async () => (await quality.inputValue()) === '75', 'and the form shows it');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export day' }).click(),
  ]);
  const path = join(web.folder, 'day.json');
  await download.saveAs(path);
  t.match(JSON.parse(await readFile(path, 'utf8')), { name: 'day', controls: { Brightness: 0 } });

  await page.getByRole('button', { name: 'Remove day' }).click();
  const question = page.getByRole('dialog', { name: 'Remove day?' });
  await question.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('day is removed.').waitFor();
  t.same(await presets(), []);
  await page.getByLabel('Import a file').setInputFiles(path);
  await page.getByText('day is saved.').waitFor();
  t.equal((await presets()).length, 1);
});

t.test('the region of interest is drawn on the picture, where the camera has one', async (t) => {
  t.equal(await page.locator('#draw-region').count(), 0, 'the synthetic camera has none');
  const crop: ControlInfo = {
    ...{ id: 'ScalerCrop', type: 'numbers', min: 0, max: 4056, length: 4, choices: [] },
    ...{ default: [0, 0, 4056, 2280], value: [0, 0, 4056, 2280], unit: 'pixels' },
  };
  const patches: unknown[] = [];
  const other = await web.openPage();
  await laterStamp(other, null);
  await other.route('**/api/v1/controls', async (route) => {
    if (route.request().method() === 'PATCH') patches.push(route.request().postDataJSON());
    await route.fulfill({ json: { items: [crop] } });
  });
  await other.getByRole('button', { name: 'Settings', exact: true }).click();
  await other.locator('#draw-region').click();
  const box = (await other.locator('#preview').boundingBox())!;
  await other.mouse.move(box.x + box.width / 4, box.y + box.height / 4);
  await other.mouse.down();
  await other.mouse.move(box.x + (box.width * 3) / 4, box.y + (box.height * 3) / 4, { steps: 4 });
  await other.mouse.up();
  await other.getByRole('button', { name: 'Take this region' }).click();
  await until(async () => patches.length > 0, 'it is sent');
  const [x = NaN, y = NaN, width = NaN, height = NaN] = (patches[0] as { ScalerCrop: number[] })
    .ScalerCrop;
  const near = (value: number, wanted: number): boolean => Math.abs(value - wanted) < 60;
  t.ok(near(x, 1014) && near(y, 570), `it begins at ${x}, ${y}`);
  t.ok(near(width, 2028) && near(height, 1140), `and is ${width} × ${height}`);
  await other.context().close();
});

t.test('the last hour is plotted, and its code is loaded only then', async (t) => {
  const asked: string[] = [];
  const other = await web.openPage();
  other.on('request', (request) => asked.push(request.url()));
  await other.route('**/api/v1/history', (route) => {
    const items = [1, 2, 3].map((i) => ({
      ...{ wallUs: 1.7e15 + i * 1e7, intervalMs: 33 + i / 10, lost: 0 },
      ...{ freeBytes: 5e10 - i * 1e8, temperatureC: null },
    }));
    return route.fulfill({ json: { items } });
  });
  await other.getByRole('button', { name: 'Show the last hour' }).click();
  await other.getByText('33.30 ms').waitFor();
  t.equal(await other.locator('#plots canvas').count(), 2, 'what is not known is not plotted');
  t.ok(
    asked.some((url) => url.includes('/chunks/plots')),
    'asked for now',
  );
  await other.context().close();
  t.same(web.faults, []);
});
