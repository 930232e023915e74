import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import t from 'tap';
import type { Command } from '../src/controller/commands/outcome.js';
import { launchBrowser } from './support/browser.js';
import { startController, tempFolder, untilMonitors } from './support/fleet.js';
import { closeOf, type Answer } from './support/http-client.js';
import { startServer, type TestServer } from './support/server.js';
import { stay } from './support/stay.js';
import { until } from './support/until.js';

/** The live view switched off, and on again, for everybody who watches. */

let server: TestServer;

t.before(async () => {
  server = await startServer();
});

t.teardown(() => server.close());

function switchTo(on: boolean): Promise<Answer> {
  return server.client.send('PATCH', '/api/v1/streaming', { body: { on } });
}

t.test('who watches is sent away, and let in again; a recording goes on', async (t) => {
  const { client } = server;
  await client.send('POST', '/api/v1/recording', { body: { name: 'on' } });
  const codes = await Promise.all(
    ['jpeg', 'h264'].map(async (codec) => {
      const socket = client.socket(`/api/v1/preview?codec=${codec}`);
      const code = closeOf(socket);
      await once(socket, 'message');
      return { code };
    }),
  );
  const streams = await Promise.all(
    ['/stream.mjpg', '/stream.mp4'].map((path) => stay(client.port, path)),
  );
  for (const { answer } of streams) answer.resume();
  const before = client.socket('/api/v1/events');
  await once(before, 'open');
  const told = once(before, 'message');

  t.match((await switchTo(false)).json(), { on: false });
  t.same(await Promise.all(codes.map(({ code }) => code)), [4005, 4005]);
  t.same(await Promise.all(streams.map(({ ended }) => ended)), [false, false], 'broken off');
  const [event] = (await told) as [Buffer];
  t.match(JSON.parse(event.toString()), { type: 'state', data: { streaming: false } });
  before.terminate();
  t.equal(await closeOf(client.socket('/api/v1/preview')), 4005, 'nor is anybody let in');
  for (const path of ['/snapshot.jpg', '/stream.mjpg', '/stream.mp4']) {
    t.match((await client.get(path)).json(), { status: 409, code: 'streaming-off' }, path);
  }
  t.match((await client.get('/api/v1/status')).json(), {
    streaming: false,
    state: 'recording',
    preview: { viewers: 0 },
  });

  t.match((await switchTo(true)).json(), { on: true });
  t.match((await client.get('/api/v1/status')).json(), { streaming: true });
  const again = client.socket('/api/v1/preview');
  await once(again, 'message');
  again.terminate();
  const { frames, losses } = (await client.send('DELETE', '/api/v1/recording')).json() as {
    frames: { captured: number; written: number };
    losses: Record<string, number>;
  };
  const lost = Object.values(losses).reduce((sum, count) => sum + count, 0);
  t.equal(frames.written + lost, frames.captured);
});

t.test('a controller switches it, and the pages say so', async (t) => {
  const { folder, remove } = await tempFolder();
  const controller = await startController(join(folder, 'data'), {
    discovery: false,
    monitors: [server.client.host],
  });
  let browser: Browser | null = null;
  t.teardown(async () => {
    await browser?.close();
    await controller.stop();
    await remove();
  });
  await untilMonitors(controller.client, 1, ({ reachable }) => reachable, 'it answers');
  browser = await launchBrowser();
  const pageOf = async (host: string): Promise<Page> => {
    const page = await browser.newPage({ locale: 'en-GB' });
    page.setDefaultTimeout(20_000);
    await page.goto(`http://${host}/`);
    return page;
  };
  const screenshot = async (page: Page, name: string): Promise<void> => {
    const into = process.env['SCREENSHOTS'];
    if (into === undefined) return;
    await mkdir(into, { recursive: true });
    await page.screenshot({ path: `${into}/${name}.png` });
  };
  const viewers = (): number => server.monitor.status().preview.viewers;
  const there = await pageOf(server.client.host);
  const here = await pageOf(controller.client.host);
  await until(() => viewers() === 2, 'both are shown the picture');

  await here.selectOption('#more', 'stop-streaming');
  await here.locator('dialog[open] .strong').click();
  await there.getByText('Live view is switched off').waitFor();
  await here.locator('.tile').getByText('Live view is switched off').waitFor();
  await screenshot(there, 'streaming-off-monitor');
  await screenshot(here, 'streaming-off-controller');
  t.equal(viewers(), 0);

  await there.locator('#switch-on').click();
  await until(() => viewers() === 2, 'both are shown the picture again');
  await there.getByText('Live view is switched off').waitFor({ state: 'detached' });

  const body = { targets: 'all', command: 'start-streaming' };
  const { id } = (await controller.client.send('POST', '/api/v1/commands', { body })).json();
  const ended = await until(async () => {
    const one = await controller.client.get(`/api/v1/commands/${String(id)}`);
    const command = one.json() as unknown as Command;
    return command.state === 'ended' && command;
  }, 'the command has ended');
  t.match(ended.monitors, [{ state: 'done' }], 'it is on already: there is nothing to it');
});
