import type { Page } from 'playwright-core';
import t from 'tap';
import { laterStamp } from './support/browser.js';
import { ThinLink } from './support/thin-link.js';
import { until } from './support/until.js';
import { startWebTest, type WebTest } from './support/web-page.js';

/** What is shown of the live view besides the picture, in a browser against the real server. */

let web: WebTest;
let page: Page;

t.before(async () => {
  web = await startWebTest();
  page = await web.openPage();
  await laterStamp(page, null);
});

t.teardown(() => web.close());

const frameMs = 1000 / 30;

async function text(selector: string): Promise<string> {
  return (await page.locator(selector).textContent()) ?? '';
}

t.test('rate and latency are measured on demand, from the stamp in the picture', async (t) => {
  t.equal(await page.locator('#view-figures').count(), 0, 'not unasked');
  await page.getByRole('button', { name: 'Rate and latency' }).click();
  await page.locator('#view-figures').getByText('Glass to glass').waitFor();
  const median = async (): Promise<number> =>
    Number(/(\d+) ms, 95 %/.exec(await text('#view-figures'))?.[1] ?? NaN);
  await until(async () => (await median()) >= 0, 'a latency is shown');
  // Quick on an idle machine; this one may be busy.
  t.ok((await median()) < 10 * frameMs, 'it is a latency, and not a clock’s offset');
  await until(async () => {
    const fps = Number(/Shown([\d.]+) fps/.exec(await text('#view-figures'))?.[1] ?? NaN);
    return fps > 5 && fps < 20;
  }, 'the rate is about the 15 that were asked for');

  await page.getByRole('button', { name: 'Rate and latency' }).click();
  await page.locator('#view-figures').waitFor({ state: 'detached' });
});

t.test('the histogram follows the light, and what is too bright is marked', async (t) => {
  await page.getByRole('button', { name: 'Histogram' }).click();
  const over = async (): Promise<number> =>
    Number(/([\d.]+) %/.exec(await text('.histogram figcaption'))?.[1] ?? NaN);
  await until(async () => (await over()) >= 0, 'it is shown');
  const before = await over();
  const url = `http://127.0.0.1:${web.port}/api/v1/controls`;
  const set = (values: object): Promise<Response> =>
    fetch(url, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(values),
    });
  t.ok((await set({ AeEnable: false, ExposureTime: 30_000, AnalogueGain: 16 })).ok);
  await until(async () => (await over()) > before + 5, 'more is over-exposed');
  const marked = `(() => {
    const canvas = document.querySelector('.marks');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 3 && value > 0).length / (data.length / 4);
  })()`;
  t.ok((await page.evaluate<number>(marked)) > 0.02, 'and striped in the picture');
  await set({ AeEnable: true });
  await page.getByRole('button', { name: 'Histogram' }).click();
  await page.locator('.marks').waitFor({ state: 'detached' });
});

t.test('the picture fills the screen and comes back', async (t) => {
  const isFull = (): Promise<boolean> => page.evaluate<boolean>('!!document.fullscreenElement');
  await page.getByRole('button', { name: 'Full screen' }).click();
  await until(isFull, 'it is full');
  await page.getByRole('button', { name: 'Full screen' }).click();
  await until(async () => !(await isFull()), 'it is back');
  t.same(web.faults, []);
});

for (const kind of ['WebCodecs', 'MediaSource'] as const) {
  t.test(`live video is shown in full size by ${kind}, and its latency is told`, async (t) => {
    const viewer = await web.openPage({ viewport: { width: 800, height: 600 } });
    await viewer.addInitScript(`localStorage.setItem('pi-monitor.codec', 'h264');
      ${kind === 'MediaSource' ? 'delete window.VideoDecoder;' : ''}`);
    await viewer.reload();
    const first = await laterStamp(viewer, null);
    await until(
      async () =>
        (await viewer.evaluate<number>(`document.querySelector('#preview').width`)) === 1280,
      'it comes as the camera has it',
    );
    const later = await laterStamp(viewer, first);
    t.ok(later.sensorUs > first.sensorUs, 'it moves');
    await viewer.locator('#show-figures').click();
    const median = async (): Promise<number> =>
      Number(
        /(\d+) ms, 95 %/.exec((await viewer.locator('#view-figures').textContent()) ?? '')?.[1] ??
          NaN,
      );
    await until(async () => (await median()) >= 0, 'a latency is shown');
    const figures = (await viewer.locator('#view-figures').textContent()) ?? '';
    t.ok((await median()) < 1500, figures);
    t.comment(`${kind}: ${figures}`);
    const { sequence, sensorUs } = await viewer.evaluate<{ sequence: string; sensorUs: string }>(
      `({ ...document.querySelector('#preview').dataset })`,
    );
    t.ok(Number(sequence) > 0 && Number(sensorUs) > 0, 'the canvas tells which frame it shows');
    await viewer.context().close();
    t.same(web.faults, []);
  });
}

t.test('on a thin link the video becomes smaller, and large again on a wide one', async (t) => {
  const setSize = (camera: object): Promise<Response> =>
    fetch(`http://127.0.0.1:${web.port}/api/v1/config`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/merge-patch+json' },
      body: JSON.stringify({ camera }),
    });
  t.ok((await setSize({ width: 640, height: 360 })).ok); // two browsers decode it at once
  t.teardown(() => setSize({ width: 1280, height: 720 }));
  const link = await ThinLink.to(web.port);
  t.teardown(() => link.close());
  const open = async (withoutWebCodecs: boolean): Promise<Page> => {
    const context = await web.browser.newContext({ viewport: { width: 800, height: 600 } });
    t.teardown(() => context.close());
    const viewer = await context.newPage();
    await viewer.addInitScript(`localStorage.setItem('pi-monitor.codec', 'h264');
      ${withoutWebCodecs ? 'delete window.VideoDecoder;' : ''}`);
    await viewer.goto(`http://127.0.0.1:${link.port}/monitor.html`);
    return viewer;
  };
  const widthOf = (viewer: Page): Promise<number> =>
    viewer.evaluate<number>(`document.querySelector('#preview').width`);
  const viewers = await Promise.all([open(false), open(true)]);
  const allAre = (width: number, what: string): Promise<unknown> =>
    Promise.all(
      viewers.map((viewer) => until(async () => (await widthOf(viewer)) === width, what, 60_000)),
    );
  const allMove = (): Promise<unknown> =>
    Promise.all(viewers.map(async (viewer) => laterStamp(viewer, await laterStamp(viewer, null))));
  await allMove();
  await allAre(640, 'it begins as the camera has it');
  for (const viewer of viewers) await viewer.locator('#show-figures').click();

  link.bytesPerSecond = 30_000;
  await allAre(320, 'it becomes smaller');
  await allMove();
  for (const viewer of viewers) {
    const figures = viewer.locator('#view-figures');
    await figures.getByText('320 × 180').waitFor();
    await figures.getByText('the network is slow').waitFor();
  }

  link.bytesPerSecond = Infinity;
  await allAre(640, 'it becomes large again');
  await allMove();
  for (const viewer of viewers) {
    await viewer.locator('#view-figures').getByText('640 × 360').waitFor();
    t.equal(await viewer.getByText('the network is slow').count(), 0);
    t.equal(await viewer.getByText('No live video').count(), 0);
  }
});

t.test(
  'where not even the smallest video gets through pictures come, and it is told',
  async (t) => {
    const link = await ThinLink.to(web.port);
    t.teardown(() => link.close());
    const context = await web.browser.newContext({ viewport: { width: 400, height: 600 } });
    t.teardown(() => context.close());
    const viewer = await context.newPage();
    await viewer.addInitScript(`localStorage.setItem('pi-monitor.codec', 'h264')`);
    await viewer.goto(`http://127.0.0.1:${link.port}/monitor.html`);
    await laterStamp(viewer, null);
    link.bytesPerSecond = 50_000 / 8;
    await viewer
      .locator('#errors')
      .getByText('The network is too slow')
      .waitFor({ timeout: 60_000 });
    const before = await laterStamp(viewer, null);
    const shown = async (): Promise<number> => (await laterStamp(viewer, null)).sensorUs;
    await until(async () => (await shown()) > before.sensorUs, 'it moves', 30_000);
  },
);

t.test('a browser that can play no video gets pictures, and is told', async (t) => {
  const viewer = await web.openPage();
  await viewer.addInitScript(`localStorage.setItem('pi-monitor.codec', 'h264');
    window.VideoDecoder = class { constructor({ error }) { this.error = error; this.state = 'configured'; }
      configure() {} decode() { this.error(new Error('no')); } close() { this.state = 'closed'; } };`);
  await viewer.reload();
  await viewer.locator('#errors').getByText('No live video').waitFor();
  await laterStamp(viewer, null);
  t.ok(
    (await viewer.evaluate<number>(`document.querySelector('#preview').width`)) < 1280,
    'pictures of a smaller size',
  );
  await viewer.context().close();
});
