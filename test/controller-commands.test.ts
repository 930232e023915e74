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
import { fakeCommands, type FakeCommands } from './support/fake-commands.js';
import { FaultyProxy } from './support/faulty-proxy.js';
import { freePort } from './support/monitor-process.js';
import { until } from './support/until.js';

/** Commands to real monitor processes, one of them over a link that fails. */

const { folder, remove } = await tempFolder();
let monitors: FleetMonitor[];
let proxy: FaultyProxy;
let controller: TestController;
let nobody: string;

let machine: FakeCommands;

t.before(async () => {
  machine = await fakeCommands('date', 'systemctl');
  // The first is started as by systemd, and so can be restarted; nobody listens to what it tells.
  process.env['NOTIFY_SOCKET'] = join(folder, 'notify');
  const first = await startFleetMonitor(join(folder, 'a'));
  delete process.env['NOTIFY_SOCKET'];
  const others = await Promise.all(['b', 'c'].map((name) => startFleetMonitor(join(folder, name))));
  monitors = [first, ...others];
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
  await machine.remove();
  await remove();
});

/** Gives a command and waits for its end. */
async function give(body: Record<string, unknown>): Promise<Command> {
  const given = await controller.client.send('POST', '/api/v1/commands', { body });
  if (given.status !== 202) throw new Error(given.bytes.toString());
  return ended((given.json() as unknown as Command).id);
}

function ended(id: string): Promise<Command> {
  return until(async () => {
    const command = (await controller.client.get(`/api/v1/commands/${id}`)).json();
    return command['state'] === 'ended' && (command as unknown as Command);
  }, 'the command has ended');
}

const gone = 'unreachable: unreachable';

/** Tries a command again, and waits for its end. */
async function retry(id: string): Promise<Command> {
  const again = await controller.client.send('POST', `/api/v1/commands/${id}/retry`);
  if (again.status !== 202) throw new Error(again.bytes.toString());
  return ended(id);
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

t.test('it is tried again where it was not done, and only there', async (t) => {
  await monitors[1]!.client.send('POST', '/api/v1/recording', { body: { name: 'in-the-way' } });
  const before = await Promise.all(monitors.map(recordings));
  const started = await give({ targets: 'all', command: 'start' });
  t.same(outcomes(started), ['done', 'refused: recording-running', 'done', gone]);
  await monitors[1]!.client.send('DELETE', '/api/v1/recording');
  const again = await retry(started.id);
  t.same(outcomes(again), ['done', 'done', 'done', gone]);
  t.equal(again.again, 'while-remembered');
  const after = await Promise.all(monitors.map(recordings));
  t.same(
    after.map((count, i) => count - before[i]!),
    [1, 1, 1],
    'one each',
  );
  t.same(outcomes(await give({ targets: 'all', command: 'stop' })), ['done', 'done', 'done', gone]);
});

t.test('a preset is kept and set, and where its name was taken that is said first', async (t) => {
  const targets = [await idOf(monitors[0]!.address), await idOf(monitors[1]!.address)];
  const old = { name: 'night', config: { preview: { fps: 5 } }, controls: {} };
  await monitors[1]!.client.send('POST', '/api/v1/presets', { body: old });
  const args = { name: 'night', config: { preview: { fps: 8 } }, controls: { Brightness: 0.5 } };
  const difference = await controller.client.send('POST', '/api/v1/differences', {
    body: {
      targets,
      preset: 'night',
      settings: args.config,
      controls: { ...args.controls, LensPosition: 3 },
    },
  });
  const changes = [
    { field: 'preview.fps', from: 15, to: 8 },
    { field: 'controls.Brightness', from: 0, to: 0.5 },
  ];
  t.match(difference.json()['items'], [
    { changes, skipped: ['LensPosition'], problem: null },
    { changes: [...changes, { field: 'presets.night' }], skipped: ['LensPosition'] },
  ]);
  t.same(outcomes(await give({ targets, command: 'preset', args })), ['done', 'done']);
  for (const { client } of monitors.slice(0, 2)) {
    const { preview } = (await client.get('/api/v1/config')).json() as { preview: object };
    t.match(preview, { fps: 8 });
    t.match((await client.get('/api/v1/presets')).json()['items'], [args]);
  }
  const reset = { name: 'day', config: { preview: { fps: 15 } }, controls: { Brightness: 0 } };
  t.same(outcomes(await give({ targets, command: 'preset', args: reset })), ['done', 'done']);
});

t.test('all recordings are converted, and asked for again nothing is made twice', async (t) => {
  const targets = [await idOf(monitors[0]!.address), await idOf(nobody)];
  const wish = { targets, command: 'convert', args: { kind: 'mp4' } };
  t.same(outcomes(await give(wish)), ['done', gone]);
  const { client } = monitors[0]!;
  const jobs = async (): Promise<{ id: string; state: string }[]> =>
    (await client.get('/api/v1/jobs')).json()['items'] as { id: string; state: string }[];
  const ended = ({ state }: { state: string }): boolean => state === 'done';
  const done = await until(async () => (await jobs()).every(ended) && jobs(), 'all are converted');
  t.equal(done.length, await recordings(monitors[0]!));
  t.same(outcomes(await give(wish)), ['done', gone]);
  t.equal((await jobs()).length, done.length, 'all are there');
  const wrong = { ...wish, args: { kind: 'hologram' } };
  t.same(outcomes(await give(wrong)), ['refused: invalid-value', gone]);
});

t.test('recordings are removed, those that can be, and the rest is named', async (t) => {
  for (const { client } of monitors.slice(0, 2)) {
    for (const name of ['old', 'older']) {
      await client.send('POST', '/api/v1/recording', { body: { name } });
      await client.send('DELETE', '/api/v1/recording');
    }
  }
  const [a, b] = [await idOf(monitors[0]!.address), await idOf(monitors[1]!.address)];
  const own = { [a]: ['old', 'lost', 'older'], [b]: ['older'] };
  const args = { recordings: own, confirm: true };
  const removed = await give({ targets: [a, b], command: 'remove', args });
  t.same(outcomes(removed), ['refused: not-found', 'done']);
  t.match(removed.monitors[0]!.detail, /^2 of 3 done\. .*lost/);
  t.same(outcomes(await retry(removed.id)), ['refused: not-found', 'done']);
  const names = async ({ client }: FleetMonitor): Promise<string[]> => {
    const { items } = (await client.get('/api/v1/recordings')).json();
    return (items as { name: string }[]).map(({ name }) => name).filter((name) => /old/.test(name));
  };
  t.same(await names(monitors[0]!), []);
  t.same(await names(monitors[1]!), ['old']);
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
  const step = { settings: { camera: { sync: 'server' } } };
  const refused = await give({ targets: [id], command: 'settings', args: step });
  t.same(outcomes(refused), ['refused: invalid-value'], 'the synthetic camera keeps no step');
  t.match(refused.monitors[0]!.detail, /SyncMode/);
  const { camera } = (await monitors[0]!.client.get('/api/v1/config')).json();
  t.match(camera, { sync: 'off' }, 'it is as it was');
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

t.test('clocks are set, and machines restarted, rebooted and shut down', async (t) => {
  const [a, b] = [await idOf(monitors[0]!.address), await idOf(monitors[1]!.address)];
  const targets = [a, b, await idOf(nobody)];
  const { source } = (await monitors[0]!.client.get('/api/v1/status')).json()['clock'] as {
    source: string;
  };
  const set = outcomes(await give({ targets, command: 'set-clock' }));
  if (source === 'ntp') t.same(set, ['refused: clock-kept', 'refused: clock-kept', gone]);
  else {
    t.same(set, ['done', 'done', gone]);
    const [call = ''] = (await machine.calls()).filter((line) => line.startsWith('date'));
    const setTo = Number(/--set=@(\d+\.\d+)/.exec(call)?.[1]) * 1000;
    t.ok(Math.abs(setTo - Date.now()) < 60_000, call);
  }
  const systemctl = async (): Promise<string[]> =>
    (await machine.calls()).filter((line) => line.startsWith('systemctl'));
  const args = { confirm: true };
  const unsure = await controller.client.send('POST', '/api/v1/commands', {
    body: { targets, command: 'reboot', args: {} },
  });
  t.match(unsure.json(), { code: 'invalid-value', field: 'args.confirm' });

  await monitors[1]!.client.send('POST', '/api/v1/recording', { body: {} });
  const reboot = await give({ targets, command: 'reboot', args });
  t.same(outcomes(reboot), ['done', 'refused: recording-running', gone]);
  t.same(await systemctl(), ['systemctl --no-ask-password reboot']);
  const refused = await controller.client.send('POST', `/api/v1/commands/${reboot.id}/retry`);
  t.match(refused.json(), { code: 'method-not-allowed' }, 'a machine is not rebooted twice');
  const also = { targets: [b], command: 'shutdown', args: { ...args, whileRecording: true } };
  t.same(outcomes(await give(also)), ['done']);
  t.equal((await systemctl()).at(-1), 'systemctl --no-ask-password poweroff');
  await monitors[1]!.client.send('DELETE', '/api/v1/recording');

  const restart = outcomes(await give({ targets: [a, b], command: 'restart', args }));
  t.same(restart, ['done', 'refused: not-available'], 'the other was started in a terminal');
  t.equal((await monitors[0]!.command.exit).code, 75, 'for systemd to start it again');
});
