import { join } from 'node:path';
import t from 'tap';
import type { Command } from '../src/controller/commands/outcome.js';
import {
  monitorsOf,
  startController,
  startFleetMonitor,
  tempFolder,
  untilMonitors,
  type FleetMonitor,
  type TestController,
} from './support/fleet.js';
import { FaultyProxy } from './support/faulty-proxy.js';
import { freePort } from './support/monitor-process.js';
import { until } from './support/until.js';

/** Commands to real monitor processes, one of them over a link that fails. */

const { folder, remove } = await tempFolder();
let monitors: FleetMonitor[];
let proxy: FaultyProxy;
let controller: TestController;
let nobody: string;

t.before(async () => {
  monitors = await Promise.all(
    ['a', 'b', 'c'].map((name) => startFleetMonitor(join(folder, name))),
  );
  proxy = await FaultyProxy.to(monitors[2]!.client.port);
  nobody = `127.0.0.1:${await freePort()}`;
  controller = await startController(join(folder, 'controller'), {
    monitors: [monitors[0]!.address, monitors[1]!.address, proxy.address, nobody],
  });
  await untilMonitors(controller.client, 3, ({ reachable }) => reachable, 'all that live answer');
});

t.teardown(async () => {
  proxy.unplug();
  await controller.stop();
  await Promise.all(monitors.map(({ command }) => command.kill('SIGTERM')));
  await remove();
});

/** Gives a command and waits for its end. */
async function give(body: Record<string, unknown>): Promise<Command> {
  const given = await controller.client.send('POST', '/api/v1/commands', { body });
  if (given.status !== 202) throw new Error(given.bytes.toString());
  const { id } = given.json() as unknown as Command;
  return until(async () => {
    const command = (await controller.client.get(`/api/v1/commands/${id}`)).json();
    return command['state'] === 'ended' && (command as unknown as Command);
  }, 'the command has ended');
}

function outcomes({ monitors: all }: Command): string[] {
  return all.map(({ state, code }) => (code === null ? state : `${state}: ${code}`));
}

async function recordings({ client }: FleetMonitor): Promise<number> {
  return ((await client.get('/api/v1/recordings')).json()['items'] as unknown[]).length;
}

async function idOf(address: string): Promise<string> {
  return (await monitorsOf(controller.client)).find((one) => one.address === address)!.id;
}

t.test('each monitor reports: done, refused and why, unreachable', async (t) => {
  await monitors[1]!.client.send('POST', '/api/v1/recording', { body: {} });
  const started = await give({ targets: 'all', command: 'start', args: { name: 'common' } });
  t.same(outcomes(started), [
    'done',
    'refused: recording-running',
    'done',
    'unreachable: unreachable',
  ]);
  t.match(started.monitors[3]!.detail, /nothing listens there/);
  const stopped = await give({ targets: 'all', command: 'stop' });
  t.same(outcomes(stopped).slice(0, 3), ['done', 'done', 'done']);
});

t.test('a lost answer is asked for again, and nothing is done twice', async (t) => {
  const target = monitors[2]!;
  const before = await recordings(target);
  let lost = 0;
  proxy.fault = ({ method }) => ({ loseAnswer: method === 'POST' && lost++ < 2 });
  const targets = [await idOf(proxy.address)];
  const wish = { id: 'only-once', targets, command: 'start', args: {} };
  const [first, again] = await Promise.all([give(wish), give(wish)]);
  proxy.fault = () => null;
  t.same(outcomes(first), ['done']);
  t.same(outcomes(again), ['done'], 'the same id is the same command');
  t.equal(lost, 3, 'two answers were lost on the way');
  t.equal(await recordings(target), before + 1);
  t.same(outcomes(await give({ targets, command: 'stop' })), ['done']);
});

t.test('a slow monitor is still there, and one unplugged in the middle is not done', async (t) => {
  const address = proxy.address;
  const id = await idOf(address);
  proxy.fault = () => ({ delayMs: 3000 });
  const slow = await give({ targets: [id], command: 'controls', args: { controls: {} } });
  t.same(outcomes(slow), ['done']);
  const views = await monitorsOf(controller.client);
  t.ok(views.find((one) => one.id === id)!.reachable, 'answers after 3 s are answers');
  const under = give({ targets: [id], command: 'controls', args: { controls: {} } });
  setTimeout(() => proxy.unplug(), 500);
  t.same(outcomes(await under), ['unreachable: unreachable']);
});

t.test('settings are pushed, with the difference first', async (t) => {
  const { address } = monitors[0]!;
  const id = await idOf(address);
  const settings = { preview: { fps: 7 }, encoder: { quality: 30 } };
  const difference = await controller.client.send('POST', '/api/v1/differences', {
    body: { targets: [id], settings },
  });
  t.match(difference.json()['items'], [
    {
      id,
      changes: [
        { field: 'preview.fps', from: 15, to: 7 },
        { field: 'encoder.quality', from: 23, to: 30 },
      ],
    },
  ]);
  t.same(outcomes(await give({ targets: [id], command: 'settings', args: { settings } })), [
    'done',
  ]);
  const config = (await monitors[0]!.client.get('/api/v1/config')).json();
  t.match(config, settings);
  const wrong = { settings: { preview: { fps: 'many' } } };
  t.same(outcomes(await give({ targets: [id], command: 'settings', args: wrong })), [
    'refused: invalid-value',
  ]);
});

t.test('groups are targets, and what is wrong is refused at once', async (t) => {
  const { client } = controller;
  const id = await idOf(monitors[0]!.address);
  await client.send('PATCH', `/api/v1/monitors/${id}`, { body: { groups: ['rack1'] } });
  const command = await give({ targets: ['rack1', id], command: 'stop' });
  t.same(outcomes(command), ['refused: not-recording'], 'once, though named twice');
  const refusals: [Record<string, unknown>, Record<string, unknown>][] = [
    [
      { targets: ['rack9'], command: 'stop' },
      { code: 'not-found', field: 'targets' },
    ],
    [{ targets: 'all', command: 'dance' }, { code: 'invalid-value' }],
    [
      { targets: 'all', command: 'remove', args: { recordings: ['x'] } },
      { code: 'invalid-value', field: 'args.confirm' },
    ],
    [
      { targets: 'all', command: 'start', args: { colour: 1 } },
      { code: 'unknown-field', field: 'args.colour' },
    ],
  ];
  for (const [body, problem] of refusals)
    t.match((await client.send('POST', '/api/v1/commands', { body })).json(), problem);
});
