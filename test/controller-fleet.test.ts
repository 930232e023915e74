import { stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Bonjour } from 'bonjour-service';
import t from 'tap';
import { makeToken } from '../src/access/token.js';
import { parseMonitorAddresses } from '../src/controller/monitor-address.js';
import { ClockMeter } from '../src/controller/clock-meter.js';
import type { MonitorView } from '../src/controller/shapes.js';
import {
  monitorsOf,
  startController,
  startFleetMonitor,
  tempFolder,
  untilMonitors,
  type FleetMonitor,
  type TestController,
} from './support/fleet.js';
import { freePort } from './support/monitor-process.js';
import { until } from './support/until.js';

/** A controller and real monitor processes: who belongs to the fleet, and how each is. */

const { folder, remove } = await tempFolder();
const monitors: FleetMonitor[] = [];
let controller: TestController;

t.before(async () => {
  monitors.push(
    ...(await Promise.all(['a', 'b'].map((name) => startFleetMonitor(join(folder, name))))),
  );
  controller = await startController(join(folder, 'controller'), {
    monitors: [monitors[0]!.address],
  });
});

t.teardown(async () => {
  await controller.stop();
  await Promise.all(monitors.map(({ command }) => command.kill('SIGTERM')));
  await remove();
});

t.test('addresses, names and ranges are read', async (t) => {
  t.same(parseMonitorAddresses('192.168.2.1-3'), [
    '192.168.2.1:8000',
    '192.168.2.2:8000',
    '192.168.2.3:8000',
  ]);
  t.same(parseMonitorAddresses('Cage3.local:8001'), ['cage3.local:8001']);
  t.same(parseMonitorAddresses('https://[FD00::3]:443/'), ['https://[fd00::3]:443']);
  for (const wrong of ['192.168.2.9-3', '192.168.2.1-300', '300.1.1.1', 'a b', 'x:0', ''])
    t.equal(parseMonitorAddresses(wrong), null, wrong);
});

t.test('a listed monitor is found, with its clock', async (t) => {
  const [view] = await untilMonitors(
    controller.client,
    1,
    ({ reachable, clock }) => reachable && clock !== null,
    'the listed monitor answers',
  );
  t.match(view!.id, /^[0-9a-f-]{36}$/, 'its guess has become its id');
  t.equal(view!.status!.state, 'idle');
  const { offsetUs, uncertaintyUs } = view!.clock!;
  t.ok(Math.abs(offsetUs) <= uncertaintyUs + 1000, 'both run by one clock');
  t.ok(uncertaintyUs < 100_000);
});

t.test('monitors are added, named, grouped and removed', async (t) => {
  const { client } = controller;
  const added = await client.send('POST', '/api/v1/monitors', {
    body: { address: monitors[1]!.address, groups: ['rack1'] },
  });
  t.equal(added.status, 201);
  const [{ id }] = added.json()['items'] as [MonitorView];
  t.match(id, /^[0-9a-f-]{36}$/, 'it has said who it is');
  const patched = await client.send('PATCH', `/api/v1/monitors/${id}`, {
    body: { name: 'cage 2', groups: ['rack2'] },
  });
  t.match(patched.json(), { name: 'cage 2', groups: ['rack2'] });
  const { secret } = makeToken('', 'operate', 0); // of another monitor, say
  const short = await client.send('PATCH', `/api/v1/monitors/${id}`, { body: { token: 'short' } });
  t.match(short.json(), { code: 'invalid-value', field: 'token' });
  const body = { token: secret };
  const paired = await client.send('PATCH', `/api/v1/monitors/${id}`, { body });
  t.match(paired.json(), { paired: true });
  t.notOk(paired.bytes.includes(secret), 'it is never shown');
  const { mode } = await stat(join(controller.folder, 'controller', 'tokens.json'));
  t.equal(mode & 0o777, 0o600);
  await until(async () => {
    const refused = await client.get(`/api/v1/monitors/${id}/api/config`);
    return refused.status === 502 && refused.json()['code'] === 'unproved';
  }, 'the monitor does not know it');
  await client.send('PATCH', `/api/v1/monitors/${id}`, { body: { token: null } });
  await untilMonitors(client, 2, ({ reachable }) => reachable, 'it answers without');
  const passed = await client.get(`/api/v1/monitors/${id}/api/config`);
  t.match(passed.json(), { camera: { width: 320 } }, 'its own API');
  const wrong = await client.send('POST', '/api/v1/monitors', { body: { address: 'a b' } });
  t.match(wrong.json(), { code: 'invalid-value', field: 'address' });

  const listed = (await monitorsOf(client)).find(({ address }) => address === monitors[0]!.address);
  const kept = await client.send('DELETE', `/api/v1/monitors/${listed!.id}`);
  t.match(kept.json(), { code: 'not-settable-remotely' }, 'the file lists it');
  t.equal((await client.send('DELETE', `/api/v1/monitors/${id}`)).status, 204);
  t.equal((await monitorsOf(client)).length, 1);
  t.equal((await client.get(`/api/v1/monitors/${id}`)).status, 404);
});

t.test('the fleet outlasts the controller', async (t) => {
  const body = { address: monitors[1]!.address, name: 'second', groups: ['rack1'] };
  await controller.client.send('POST', '/api/v1/monitors', { body });
  const before = await monitorsOf(controller.client);
  await controller.stop();
  controller = await startController(controller.folder, { monitors: [monitors[0]!.address] });
  const after = await untilMonitors(controller.client, 2, (one) => one.reachable, 'both answer');
  t.same(
    after.map(({ id, number, name, groups }) => ({ id, number, name, groups })),
    before.map(({ id, number, name, groups }) => ({ id, number, name, groups })),
  );
});

t.test('one that dies is unreachable within 5 s, and keeps its identity elsewhere', async (t) => {
  const gone = monitors.pop()!;
  const { id } = (await monitorsOf(controller.client)).find(
    ({ address }) => address === gone.address,
  )!;
  const view = async (): Promise<MonitorView> =>
    (await controller.client.get(`/api/v1/monitors/${id}`)).json() as unknown as MonitorView;
  const diedMs = performance.now();
  await gone.command.kill('SIGKILL');
  await until(async () => !(await view()).reachable, 'it is seen to be gone');
  t.ok(performance.now() - diedMs < 5000);
  t.match((await view()).problem, { code: 'unreachable' });

  const back = await startFleetMonitor(gone.folder, await freePort());
  monitors.push(back);
  controller.controller.fleet.sighted(id, back.address); // as when it announces itself there
  await until(async () => (await view()).reachable, 'it is found again');
  t.match(await view(), { address: back.address, name: 'second', groups: ['rack1'] });
  t.equal((await monitorsOf(controller.client)).length, 2, 'no second entry');
});

const outside = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.family === 'IPv4' && !one.internal);
const skip = outside ? false : 'multicast needs a network interface';

t.test('a monitor that announces itself is listed, not added', { skip }, async (t) => {
  const { client } = controller;
  const bonjour = new Bonjour();
  t.teardown(() => bonjour.destroy());
  const stranger = { id: 'a-stranger' };
  bonjour.publish({ name: `cage ${process.pid}`, type: 'pi-monitor', port: 8000, txt: stranger });
  const look = async (): Promise<unknown[]> =>
    (await client.send('POST', '/api/v1/discovery')).json()['items'] as unknown[];
  const items = await until(async () => {
    const all = (await look()) as { id: string; known: boolean }[];
    const its = all.filter(({ id }) => id === stranger.id);
    return its.length > 0 && its;
  }, 'it is found');
  t.match(items, [{ known: false }]);
  t.equal((await monitorsOf(client)).length, 2, 'nobody is added unasked');
});

t.test('two machines with one id are a conflict until one is gone', async (t) => {
  const original = monitors[1]!;
  const clone = await startFleetMonitor(original.folder);
  await controller.client.send('POST', '/api/v1/monitors', { body: { address: clone.address } });
  const views = await untilMonitors(controller.client, 1, (one) => one.conflict, 'it is noticed');
  t.match(views.find(({ conflict }) => conflict)!.problem, { code: 'identity-conflict' });
  await clone.command.kill('SIGKILL');
  await untilMonitors(
    controller.client,
    2,
    ({ conflict, reachable }) => !conflict && reachable,
    'it is over',
  );
});

t.test("the controller's calls are described by a valid document", async (t) => {
  const document = (await controller.client.get('/openapi.json')).json();
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  t.ok(valid, JSON.stringify(errors));
  const { paths } = document as { paths: Record<string, Record<string, unknown>> };
  t.match(paths['/api/v1/monitors/{id}/api/{path}'], { get: {}, post: {}, patch: {}, delete: {} });
  // What was seen of each monitor fits what is said of it.
  const schema = {
    $ref: '#/components/schemas/Monitor',
    components: (document as { components: object }).components,
  };
  const check = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  for (const view of await monitorsOf(controller.client))
    t.ok(check(view), JSON.stringify(check.errors));
});

t.test('the clock offset: the best round trip is believed, a step is not averaged', async (t) => {
  const meter = new ClockMeter();
  const trip = (offsetUs: number, thereUs: number, backUs: number) => ({
    sentUs: 1e15,
    receivedThereUs: 1e15 + thereUs + offsetUs,
    sentThereUs: 1e15 + thereUs + offsetUs,
    receivedUs: 1e15 + thereUs + backUs,
  });
  meter.take(trip(5000, 9000, 1000), 0);
  meter.take(trip(5000, 300, 300), 10);
  t.same(meter.best(10), { offsetUs: 5000, uncertaintyUs: 300 });
  t.ok(meter.best(10_010)!.uncertaintyUs > 1000, 'it grows less sure with time');
  const year = 365 * 86_400e6;
  meter.take(trip(year, 2000, 2000), 20);
  t.equal(meter.best(20)!.offsetUs, year, 'a clock that is set is followed at once');
});
