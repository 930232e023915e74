import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import t from 'tap';
import type { MonitorView } from '../src/controller/shapes.js';
import type { ActiveFault, FaultKind } from '../src/rehearsal/faults.js';
import { launchBrowser } from './support/browser.js';
import { startControllerCommand, type Command } from './support/command.js';
import { monitorsOf, untilMonitors } from './support/fleet.js';
import type { HttpClient } from './support/http-client.js';
import { until } from './support/until.js';

/** `pi-monitor controller --rehearse`, as someone who practises sees it. */

const count = 5;
let command: Command;
let client: HttpClient;
let browser: Browser;
let page: Page;

t.before(async () => {
  const args = ['--rehearse', String(count), '--faults', 'none'];
  ({ command, client } = await startControllerCommand(args));
  await untilMonitors(
    client,
    count,
    ({ reachable, clock }) => reachable && clock !== null,
    'all answer',
  );
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  await page.goto(`http://${client.host}/`);
});

t.teardown(async () => {
  await browser.close();
  await command.kill('SIGTERM');
});

async function play(monitor: string, fault: FaultKind, time = 'inf'): Promise<void> {
  const body = { monitor, fault, for: time };
  const answer = await client.send('POST', '/api/v1/rehearsal/faults', { body });
  if (answer.status !== 201) throw new Error(answer.bytes.toString());
}

async function end(monitor: string): Promise<void> {
  await client.send('DELETE', `/api/v1/rehearsal/faults/${monitor}`);
}

/** Waits until the controller shows `condition` of the monitor of this name. */
async function untilSeen(
  name: string,
  condition: (monitor: MonitorView) => boolean,
  what: string,
): Promise<MonitorView> {
  return until(async () => {
    const one = (await monitorsOf(client)).find((monitor) => monitor.name === name);
    return one !== undefined && condition(one) ? one : null;
  }, what);
}

async function give(command: string, args: object = {}): Promise<Record<string, unknown>[]> {
  const body = { targets: 'all', command, args };
  const { id } = (await client.send('POST', '/api/v1/commands', { body })).json();
  const ended = await until(
    async () => {
      const now = (await client.get(`/api/v1/commands/${String(id)}`)).json();
      return now['state'] === 'ended' ? now : null;
    },
    'the command ends',
    30_000,
  );
  return ended['monitors'] as Record<string, unknown>[];
}

t.test('nobody takes it for real', async (t) => {
  await page.waitForSelector('#rehearsal');
  t.match(await page.textContent('#rehearsal'), /simulated/);
  await page.waitForSelector('.tile[data-state="idle"] canvas[data-sequence]');
  t.equal(await page.locator('.tile').count(), count);
  await page.selectOption('#fault', 'full-disk');
  await page.selectOption('#fault-monitor', 'cage03');
  await page.click('#play-fault');
  await page.waitForSelector('#rehearsal li[data-fault="full-disk"]:has-text("cage03")');
  await page.click('#rehearsal li button');
  await page.waitForSelector('#rehearsal li', { state: 'detached' });
});

t.test(
  'pictures are taken of the monitors whose tiles are in view, and of no others',
  async (t) => {
    await page.setViewportSize({ width: 400, height: 500 }); // one tile beside the next does not fit
    const inView = (): Promise<string[]> =>
      page.evaluate<string[]>(`[...document.querySelectorAll('.tile')]
      .filter((tile) => {
        const { top, bottom } = tile.querySelector('canvas').getBoundingClientRect();
        return bottom > -100 && top < innerHeight + 100;
      })
      .map((tile) => tile.querySelector('.tile-name').textContent.trim())`);
    const watched = async (): Promise<string[]> => {
      const all = await monitorsOf(client);
      return all.flatMap(({ name, status }) => ((status?.preview.viewers ?? 0) > 0 ? [name] : []));
    };
    for (const place of [
      "document.querySelector('.wall').offsetTop",
      'document.body.scrollHeight',
    ]) {
      await page.evaluate(`scrollTo(0, ${place})`);
      await until(async () => {
        const seen = await inView();
        const some = seen.length > 0 && seen.length < count;
        return some && seen.join() === (await watched()).join();
      }, `those in view at ${place}, and no others, send pictures`);
    }
    t.notOk((await watched()).includes('cage01'), 'the first is out of view');
    await page.setViewportSize({ width: 1280, height: 900 });
  },
);

t.test('what befalls a monitor is seen as it would be of a real one', async (t) => {
  await play('cage02', 'drops');
  await untilSeen('cage02', ({ status }) => (status?.losses.sensor ?? 0) > 0, 'it has losses');
  await play('cage02', 'clock-jump'); // ends the drops
  const jumped = await untilSeen(
    'cage02',
    ({ clock }) => (clock?.offsetUs ?? 0) > 3e9,
    'it is ahead',
  );
  t.equal(jumped.status?.clock.source, 'manual');
  await end('cage02');
  await untilSeen('cage02', ({ clock }) => Math.abs(clock?.offsetUs ?? 1e9) < 1e6, 'it is right');

  await play('cage03', 'dead-link');
  await play('cage04', 'reboot');
  await play('cage05', 'same-id');
  await untilSeen('cage03', ({ reachable }) => !reachable, 'it has fallen silent');
  await untilSeen('cage04', ({ reachable }) => !reachable, 'it is gone');
  await until(async () => {
    return (await monitorsOf(client)).some(({ conflict }) => conflict);
  }, 'two answer as one');
  const { faults } = (await client.get('/api/v1/rehearsal')).json();
  t.same((faults as ActiveFault[]).map(({ fault }) => fault).sort(), [
    'dead-link',
    'reboot',
    'same-id',
  ]);
  for (const name of ['cage03', 'cage04', 'cage05']) await end(name);
  await untilMonitors(
    client,
    count,
    ({ reachable, conflict }) => reachable && !conflict,
    'all is well',
  );
});

t.test('a clock that is wrong is set from here', async (t) => {
  await play('cage02', 'clock-jump');
  await untilSeen(
    'cage02',
    ({ clock, status }) => (clock?.offsetUs ?? 0) > 3e9 && status?.clock.source === 'manual',
    'it is ahead, and nobody keeps it',
  );
  const outcomes = await give('set-clock');
  t.match(
    outcomes.find(({ name }) => name === 'cage02'),
    { state: 'done' },
  );
  t.match(
    outcomes.find(({ name }) => name === 'cage01'),
    { state: 'refused', code: 'clock-kept' },
  );
  await untilSeen('cage02', ({ clock }) => Math.abs(clock?.offsetUs ?? 1e9) < 1e5, 'it is right');
  await end('cage02');
});

t.test('recordings are made, counted, and fetched; a full disk ends one cleanly', async (t) => {
  t.ok((await give('start', { name: 'practice' })).every(({ state }) => state === 'done'));
  await untilMonitors(
    client,
    count,
    ({ status }) => (status?.recording?.frames ?? 0) > 9,
    'all record',
  );
  await play('cage02', 'full-disk');
  await untilSeen('cage02', ({ status }) => status?.state === 'idle', 'it has ended by itself');
  const outcomes = await give('stop');
  t.equal(outcomes.filter(({ state }) => state === 'done').length, count - 1);
  t.match(
    (await give('start')).find(({ name }) => name === 'cage02'),
    { code: 'disk-full' },
  );
  await give('stop');
  await end('cage02');
  const body = { targets: 'all', recordings: ['practice'] };
  const { id } = (await client.send('POST', '/api/v1/transfers', { body })).json();
  const transfer = await until(async () => {
    const now = (await client.get(`/api/v1/transfers/${String(id)}`)).json();
    return now['state'] === 'running' ? null : now;
  }, 'all is fetched');
  t.equal(transfer['state'], 'done');
  for (const { id, name } of await monitorsOf(client)) {
    const path = `/api/v1/monitors/${id}/api/recordings/practice`;
    const { frames, losses } = (await client.get(path)).json() as {
      frames: { captured: number; written: number };
      losses: { encoder: number; writer: number };
    };
    t.equal(frames.captured, frames.written + losses.encoder + losses.writer, name);
  }
});

t.test('a reboot is a reboot of the simulated one', async (t) => {
  await give('reboot', { confirm: true });
  await untilMonitors(client, count, ({ reachable }) => !reachable, 'they are gone');
  t.equal(command.child.exitCode, null, 'this machine is not');
  await untilMonitors(client, count, ({ reachable }) => reachable, 'they come back');
});

t.test('at the end nothing is left', async (t) => {
  const { folder, pid } = JSON.parse(
    command.stderr.split('\n').find((line) => line.includes('Simulated monitors serve.')) ?? '',
  ) as { folder: string; pid: number };
  t.ok(existsSync(folder) && existsSync(`/proc/${pid}`));
  t.equal((await command.kill('SIGTERM')).code, 0);
  t.notOk(existsSync(folder), 'what they kept');
  t.notOk(existsSync(`/proc/${pid}`), 'nor their process');
});
