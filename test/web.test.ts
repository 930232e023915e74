import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import t from 'tap';
import type { Config } from '../src/config/schema.js';
import type { Certificate } from '../src/monitor/certificate.js';
import type { Status } from '../src/monitor/status.js';
import { laterStamp } from './support/browser.js';
import { startMonitor } from './support/monitor-process.js';
import { videoStamps } from './support/video-stamps.js';
import { openSettings, startWebTest, type WebTest } from './support/web-page.js';

/** The page in a browser against the real server with the synthetic camera, as a person uses it. */

let web: WebTest;
let page: Page;

t.before(async () => {
  web = await startWebTest();
  page = await web.openPage();
});

t.teardown(() => web.close());

function api<T>(path: string): Promise<T> {
  return web.api<T>(path);
}

/** The project's tests are compiled without the DOM's types: what runs in the page is text. */
function inPage<T>(expression: string): Promise<T> {
  return page.evaluate<T>(expression);
}

async function viewers(): Promise<number> {
  return (await api<Status>('/status')).preview.viewers;
}

/** As when another tab is looked at: a headless browser shows all its tabs at once. */
function setHidden(hidden: boolean): Promise<unknown> {
  return inPage(`Object.defineProperty(document, 'hidden', { value: ${String(hidden)}, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'))`);
}

function stateIs(state: string): Promise<unknown> {
  return page.waitForSelector(`#state[data-state="${state}"]`);
}

t.test('the stream shows advancing frames, stops and starts', async (t) => {
  const first = await laterStamp(page, null);
  const second = await laterStamp(page, first);
  t.ok(second.sequence !== first.sequence, 'another frame is shown');
  const { sequence, sensorUs } = await inPage<{ sequence: string; sensorUs: string }>(
    `({ ...document.querySelector('#preview').dataset })`,
  );
  t.ok(Number(sequence) > 0 && Number(sensorUs) > 0, 'the canvas tells which frame it shows');

  await setHidden(true);
  await waitFor(async () => (await viewers()) === 0);
  await setHidden(false);
  await laterStamp(page, second);

  await page.getByRole('button', { name: 'Stop stream' }).click();
  await page.getByText('Stream stopped').waitFor();
  await waitFor(async () => (await viewers()) === 0);
  await page.getByRole('button', { name: 'Start stream' }).click();
  await laterStamp(page, second);
});

t.test(
  'a recording is made by keyboard, its time runs, and it is stopped after a question',
  async (t) => {
    await stateIs('idle');
    await page.getByLabel('Name').fill('first');
    await page.getByLabel('Subject').fill('m12');
    await page.getByRole('button', { name: 'Add a field' }).click();
    await page.getByLabel('Field', { exact: true }).fill('diet');
    await page.getByLabel('Value').fill('high fat');
    await page.locator('#record').focus();
    await page.keyboard.press('Enter');
    await stateIs('recording');
    await page.getByLabel('Note').fill('fed');
    await page.getByRole('button', { name: 'Take note' }).click();
    await page.locator('#notes').getByText('fed').waitFor();
    await waitFor(async () => ((await page.locator('#elapsed').textContent()) ?? '') >= '0:00:02');

    await page.locator('#record').focus();
    await page.keyboard.press('Space');
    const question = page.getByRole('dialog', { name: 'Stop this recording?' });
    await question.waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    t.equal((await api<Status>('/status')).state, 'recording', 'Escape goes on recording');

    await page.locator('#allow-removal').check();
    t.equal(
      await page.getByRole('button', { name: 'Remove first' }).count(),
      0,
      'never the running one',
    );
    await page.locator('#allow-removal').uncheck();

    await page.locator('#record').click();
    await question.getByRole('button', { name: 'Stop recording' }).click();
    await stateIs('idle');
    const { verdict, metadata, notes } = await api<Certificate>('/recordings/first');
    t.same(metadata, { subject: 'm12', diet: 'high fat' });
    t.match(notes, [{ text: 'fed' }]);
    t.equal(await page.getByLabel('Name').inputValue(), '', 'a name is of one recording');
    t.equal(await page.getByLabel('Subject').inputValue(), 'm12', 'a subject stays');
    const words = { complete: 'Complete', gaps: 'Frames missing', interrupted: 'Interrupted' };
    await page.locator('[data-recording="first"]').getByText(words[verdict]).waitFor();
  },
);

t.test(
  'the file is downloaded whole: every frame in order, and no other loss than the certificate counts',
  async (t) => {
    await page.getByRole('button', { name: 'Download first' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('dialog').getByRole('link', { name: 'Video' }).click(),
    ]);
    const path = join(web.folder, 'downloaded.mp4');
    await download.saveAs(path);
    await page.getByRole('button', { name: 'Close' }).click();
    const { frames, losses } = await api<Certificate>('/recordings/first');
    const stamps = await videoStamps(path, 1280);
    t.equal(stamps.length, frames?.written, 'as many frames as the certificate says');
    t.ok(stamps.length > 30, 'over a second of them');
    const steps = stamps.slice(1).map((stamp, index) => {
      return ((stamp?.sequence ?? NaN) - (stamps[index]?.sequence ?? NaN) + 65_536) % 65_536;
    });
    t.ok(
      steps.every((step) => step >= 1),
      'each stamp is read and follows the one before',
    );
    // On a machine that is too busy frames are lost; each of them is counted.
    const missing = steps.reduce((sum, step) => sum + step - 1, 0);
    const counted = Object.values(losses ?? {}).reduce((sum, stage) => sum + stage, 0);
    t.ok(missing <= counted, `${missing} missing, ${counted} counted`);
  },
);

t.test('the recording plays in the page', async (t) => {
  await page.getByRole('button', { name: 'Play first' }).click();
  await waitFor(() => inPage(`document.querySelector('dialog video').currentTime > 0.2`));
  t.equal(await inPage<number>(`document.querySelector('dialog video').videoWidth`), 1280);
  await page.getByRole('button', { name: 'Close' }).click();
});

t.test('a setting is changed on the page and the server has it', async (t) => {
  await openSettings(page);
  const quality = page.locator('[data-field="preview.quality"] input');
  await quality.fill('60');
  const gop = page.locator('[data-field="encoder.gop"] input');
  await gop.fill('');
  await gop.pressSequentially('0.5');
  await page.locator('#apply').click();
  await page.getByText('Applied.').waitFor();
  const config = await api<Config>('/config');
  t.match(config, { preview: { quality: 60 }, encoder: { gop: 0.5 } });

  await quality.fill('');
  await page.locator('#apply').click();
  await page.getByText('Applied.').waitFor();
  t.equal(
    (await api<Config>('/config')).preview.quality,
    75,
    'an emptied field is its default again',
  );
});

t.test('a bad value is refused at its field, and nothing changes', async (t) => {
  await page.locator('[data-field="camera.fps"] input').fill('9999');
  await page.locator('#apply').click();
  const complaint = page.locator('[data-field="camera.fps"] [role="alert"]');
  await complaint.waitFor();
  t.match(await complaint.textContent(), /240/, 'it says what would be right');
  t.equal((await api<Config>('/config')).camera.fps, 30);
  await page.locator('[data-field="camera.fps"] input').fill('30');
});

t.test('a slider sets the camera while it is moved', async (t) => {
  const slider = page.locator('[data-control="Brightness"] input[type="range"]');
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await waitFor(async () => (await brightness()) > 0);
  await page.locator('#reset-controls').click();
  await waitFor(async () => (await brightness()) === 0);
  await page.keyboard.press('Escape');
  t.equal(await page.locator('#settings').count(), 0, 'Escape closes the settings');
});

async function brightness(): Promise<number> {
  const { items } = await api<{ items: { id: string; value: number }[] }>('/controls');
  return items.find(({ id }) => id === 'Brightness')?.value ?? NaN;
}

t.test('an impossible name is refused at its field', async (t) => {
  await page.getByLabel('Name').fill('../etc');
  await page.locator('#record').click();
  await page.locator('#name-problem').waitFor();
  t.equal((await api<Status>('/status')).state, 'idle');
  await page.getByLabel('Name').fill('');
});

t.test('a recording is removed only behind the tick and a question', async (t) => {
  const remove = page.getByRole('button', { name: 'Remove first' });
  t.equal(await remove.count(), 0, 'not offered at first');
  await page.getByLabel('Allow removal').check();
  await page.getByText('gone for good').waitFor();
  await remove.click();
  await page.getByRole('button', { name: 'Remove for good' }).click();
  await page.locator('[data-recording="first"]').waitFor({ state: 'detached' });
  t.same((await api<{ items: unknown[] }>('/recordings')).items, []);
});

t.test('an error inside the monitor stands at the bottom of the page', async (t) => {
  const recordings = join(web.folder, 'recordings');
  await rm(recordings, { recursive: true });
  await writeFile(recordings, 'in the way');
  await page.locator('#record').click();
  // That it is another folder, or that it cannot be written: whichever is noticed first.
  const line = page.locator('#errors li', { hasText: 'The data folder' });
  await line.waitFor();
  t.match(await line.locator('time').textContent(), /\d:\d\d/, 'with its time');
  const beside = await page.locator('.record-panel [role="alert"]').textContent();
  t.match(beside, 'The data folder', 'and beside the button');
  await stateIs('idle');
  await rm(recordings);
});

t.test('the page comes back by itself when the monitor does', async (t) => {
  await web.monitor.stop();
  await stateIs('unreachable');
  await page.getByText(/The picture is \d+ s old/).waitFor();
  t.ok(
    await inPage<boolean>(`document.querySelector('#preview').classList.contains('old')`),
    'greyed',
  );
  web.monitor = await startMonitor(web);
  await stateIs('idle');
  // The machine's monotonic clock went on: what is shown now is later than all before.
  await page.locator('#picture-message').waitFor({ state: 'detached' });
  await laterStamp(page, await laterStamp(page, null));
});

t.test(
  'the page speaks German where the browser does, and English where it is told to',
  async (t) => {
    const german = await web.openPage({ locale: 'de-AT' });
    await german.getByRole('button', { name: 'Aufnehmen' }).waitFor();
    await openSettings(german);
    await german.locator('[data-field="camera.fps"]').getByText('Bildrate').waitFor();
    await german.getByLabel('Sprache').selectOption('en');
    await german.getByRole('button', { name: 'Record' }).waitFor();
    await german.reload();
    await german.getByRole('button', { name: 'Record' }).waitFor();
    t.equal(
      await german.evaluate<string>('document.documentElement.lang'),
      'en',
      'and so it stays',
    );
    await german.context().close();
  },
);

t.test('nothing is wider than a phone', async (t) => {
  const phone = await web.openPage({ viewport: { width: 360, height: 740 } });
  await laterStamp(phone, null);
  const overflow = (): Promise<number> =>
    phone.evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`);
  t.equal(await overflow(), 0);
  await openSettings(phone);
  t.equal(await overflow(), 0, 'nor are the settings');
  await phone.context().close();
});

t.test('the page weighs little and did nothing it may not', async (t) => {
  const built = new URL('../web/', import.meta.url);
  const sizes = await Promise.all(
    ['monitor.html', 'monitor.js', 'monitor.css', 'icon.svg'].map(
      async (name) => (await readFile(new URL(name, built))).length,
    ),
  );
  t.ok(
    sizes.reduce((sum, size) => sum + size, 0) < 150_000,
    'first load under 150 kB, uncompressed',
  );
  t.same(web.faults, []);
});

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come to pass in 10 s');
}

t.test('of changes that follow fast the newest of each control is sent', async (t) => {
  const bundle = await build({ entryPoints: ['web/src/newest-sender.ts'], write: false });
  const code = Buffer.from(bundle.outputFiles[0]?.contents ?? []).toString('base64');
  type Module = typeof import('../web/src/newest-sender.js');
  const { NewestSender } = (await import(`data:text/javascript;base64,${code}`)) as Module;
  const sent: object[] = [];
  const sender = new NewestSender<Record<string, number>>(async (value) => {
    sent.push(value);
  }, 1);
  sender.push({ Brightness: 0.1 });
  sender.push({ Brightness: 0.5 });
  sender.push({ Contrast: 1.2 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.strictSame(sent, [{ Brightness: 0.1 }, { Brightness: 0.5, Contrast: 1.2 }]);
});
