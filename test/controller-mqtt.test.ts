import { join } from 'node:path';
import t from 'tap';
import { makeToken } from '../src/access/token.js';
import type { Command } from '../src/controller/commands/outcome.js';
import { Problem } from '../src/errors.js';
import type { MonitorView } from '../src/controller/shapes.js';
import { TestBroker, TestClient } from './support/broker.js';
import { FaultyProxy } from './support/faulty-proxy.js';
import {
  monitorsOf,
  startController,
  startFleetMonitor,
  tempFolder,
  untilMonitors,
  type FleetMonitor,
  type TestController,
} from './support/fleet.js';
import { until } from './support/until.js';

/** Controllers and real monitor processes that meet at a real Mosquitto only. */

const { folder, remove } = await tempFolder();
let broker: TestBroker;
let monitor: FleetMonitor;
let id: string;
let controller: TestController;
let other: TestController;

t.before(async () => {
  broker = await TestBroker.start(join(folder, 'broker'));
  const mqtt = { url: broker.url };
  monitor = await startFleetMonitor(join(folder, 'a'), 0, { mqtt });
  id = (await monitor.client.get('/api/v1/status')).json()['id'] as string;
  controller = await startController(join(folder, 'one'), {
    mqtt,
    discovery: false,
    limits: { clockUncertaintyMs: 500 }, // the tests may share two cores with much else
  });
  other = await startController(join(folder, 'two'), {
    mqtt,
    discovery: false,
    monitors: [`mqtt:${id}`],
  });
});

t.teardown(async () => {
  await controller.stop();
  await other.stop();
  await monitor.command.kill('SIGTERM');
  await broker.kill();
  await remove();
});

async function give(
  to: TestController,
  command: string,
  args: Record<string, unknown> = {},
): Promise<Command> {
  const body = { targets: [id], command, args };
  const given = await to.client.send('POST', '/api/v1/commands', { body });
  if (given.status !== 202) throw new Error(given.bytes.toString());
  return until(async () => {
    const path = `/api/v1/commands/${String(given.json()['id'])}`;
    const one = (await to.client.get(path)).json() as unknown as Command;
    return one.state === 'ended' && one;
  }, `${command} has ended`);
}

async function recordings(): Promise<number> {
  return ((await monitor.client.get('/api/v1/recordings')).json()['items'] as unknown[]).length;
}

async function viewAt({ client }: TestController): Promise<MonitorView> {
  return (await client.get(`/api/v1/monitors/${id}`)).json() as unknown as MonitorView;
}

t.test('a monitor is found on the broker, and added when it is wished', async (t) => {
  const [found] = await until(async () => {
    const { items } = (await controller.client.send('POST', '/api/v1/discovery')).json();
    return (items as object[]).length > 0 && (items as Record<string, unknown>[]);
  }, 'it is found');
  t.match(found, { id, address: `mqtt:${id}`, known: false });
  t.same(await monitorsOf(controller.client), []);
  const body = { address: found!['address'] };
  const added = await controller.client.send('POST', '/api/v1/monitors', { body });
  t.match(added.json(), { items: [{ id, link: 'mqtt' }] });
  const [view] = await untilMonitors(
    controller.client,
    1,
    ({ reachable, clock }) => reachable && clock !== null,
    'it is there, with its clock',
  );
  t.match(view, { id, link: 'mqtt', page: `http://${monitor.address}/monitor.html` });
  t.ok(Math.abs(view!.clock!.offsetUs) <= view!.clock!.uncertaintyUs + 1000, 'one clock');
});

t.test('two controllers command it, each told what came of its own', async (t) => {
  await untilMonitors(other.client, 1, ({ reachable }) => reachable, 'the other sees it');
  t.match((await give(controller, 'start')).monitors, [{ state: 'done' }]);
  await until(async () => (await viewAt(other)).status?.state === 'recording', 'the other sees it');
  t.match((await give(other, 'start')).monitors, [{ state: 'refused', code: 'recording-running' }]);
  t.match((await give(other, 'stop')).monitors, [{ state: 'done' }]);
  await until(async () => (await viewAt(controller)).status?.state === 'idle', 'so does the first');
});

t.test('pictures and files go by HTTP to the address it tells', async (t) => {
  const config = await controller.client.get(`/api/v1/monitors/${id}/api/config`);
  t.match(config.json(), { camera: { width: 320 } });
});

t.test('settings are looked at and pushed where the broker alone reaches it', async (t) => {
  const { http } = controller.controller.fleet.get(id).link;
  t.teardown(() => Reflect.deleteProperty(http, 'call'));
  http.call = () => Promise.reject(new Problem('unreachable', 'There is no way to it.'));
  const { client } = controller;
  const api = `/api/v1/monitors/${id}/api`;
  t.match((await client.get(`${api}/config`)).json(), { camera: { width: 320 } });
  t.match((await client.get(`${api}/presets`)).json(), { items: [] });
  const settings = { preview: { fps: 7 } };
  const difference = async (): Promise<unknown> => {
    const body = { targets: [id], settings };
    return (await client.send('POST', '/api/v1/differences', { body })).json()['items'];
  };
  t.match(await difference(), [{ changes: [{ field: 'preview.fps', to: 7 }], problem: null }]);
  t.match((await give(controller, 'settings', { settings })).monitors, [{ state: 'done' }]);
  t.match(await difference(), [{ changes: [], problem: null }]);
  const changed = await client.send('PATCH', `${api}/config`, { body: { preview: { fps: 8 } } });
  t.match(changed.json(), { preview: { fps: 8 } });
  const picture = await client.get(`${api}/recordings.tar`);
  t.match(picture.json(), { code: 'unreachable' }, 'files go by HTTP');
});

t.test('monitors start together through the broker', async (t) => {
  const body = { targets: [id], duration: '1s' };
  const given = await controller.client.send('POST', '/api/v1/runs', { body });
  t.equal(given.status, 202, given.bytes.toString());
  const run = await until(async () => {
    const one = await controller.client.get(`/api/v1/runs/${String(given.json()['id'])}`);
    return ['done', 'failed'].includes(String(one.json()['state'])) && one.json();
  }, 'the run has ended');
  t.match(run, { state: 'done', monitors: [{ id, state: 'done', reason: null }] });
  await until(async () => (await viewAt(controller)).status?.state === 'idle', 'it has ended');
});

t.test('a broker that is killed in mid-command: nothing is lost, nothing done twice', async (t) => {
  const before = await recordings();
  const spy = await TestClient.connect(broker.url);
  t.teardown(() => spy.close());
  const under = give(controller, 'start');
  await until(
    () => spy.texts('/commands').some((text) => text.includes('POST')),
    'it is under way',
  );
  await broker.kill();
  await broker.up();
  const upMs = performance.now();
  t.match((await under).monitors, [{ state: 'done' }]);
  for (const one of [controller, other]) {
    await until(async () => {
      const { reachable, status } = await viewAt(one);
      return reachable && status?.state === 'recording';
    }, 'the state is right');
  }
  t.ok(performance.now() - upMs < 5000, 'within 5 s');
  t.equal(await recordings(), before + 1);
  t.match((await give(controller, 'stop')).monitors, [{ state: 'done' }]);
});

t.test('while the broker is gone nothing is called done', async (t) => {
  await broker.kill();
  await until(async () => !(await viewAt(controller)).reachable, 'it is noticed');
  t.match((await viewAt(controller)).problem, { code: 'unreachable' });
  t.match((await give(controller, 'start')).monitors, [{ state: 'unreachable' }]);
  await broker.up();
  await until(async () => (await viewAt(controller)).reachable, 'it is back', 5000);
  t.equal((await viewAt(controller)).status?.state, 'idle');
});

t.test('one entered by HTTP is taken up on the broker where HTTP fails', async (t) => {
  const proxy = await FaultyProxy.to(monitor.client.port);
  const mqtt = { url: broker.url };
  const third = await startController(join(folder, 'three'), { mqtt, discovery: false });
  t.teardown(() => third.stop());
  await third.client.send('POST', '/api/v1/monitors', { body: { address: proxy.address } });
  await until(async () => (await viewAt(third)).reachable, 'it answers');
  await give(third, 'controls', { controls: {} });
  t.match(await viewAt(third), { link: 'http', address: proxy.address }, 'HTTP is enough');
  proxy.unplug();
  await until(async () => {
    const { reachable, link } = await viewAt(third);
    return reachable && link === 'mqtt';
  }, 'the broker is the way');
  t.match((await give(third, 'controls', { controls: {} })).monitors, [{ state: 'done' }]);
  t.equal((await monitorsOf(third.client)).length, 1, 'it is the same monitor');
});

t.test('a paired monitor is not believed through a broker that lets in anybody', async (t) => {
  const path = `/api/v1/monitors/${id}`;
  const { secret } = makeToken('', 'operate', 0);
  const paired = await other.client.send('PATCH', path, { body: { token: secret } });
  t.match(paired.json(), { paired: true });
  await until(async () => (await viewAt(other)).problem?.code === 'unproved', 'it is told');
  t.match((await give(other, 'start')).monitors, [{ state: 'refused', code: 'unproved' }]);
  await other.client.send('PATCH', path, { body: { token: null } });
  await until(async () => (await viewAt(other)).reachable, 'it is as before');
});

t.test('two machines with one id on the broker are a conflict until one is gone', async (t) => {
  const clone = await startFleetMonitor(monitor.folder, 0, { mqtt: { url: broker.url } });
  await until(async () => (await viewAt(controller)).conflict, 'it is noticed');
  t.match((await give(controller, 'start')).monitors, [{ code: 'identity-conflict' }]);
  await clone.command.kill('SIGKILL');
  await until(async () => {
    const { conflict, reachable } = await viewAt(controller);
    return !conflict && reachable;
  }, 'it is over');
  t.pass();
});
