import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import type { MonitorView } from '../src/controller/shapes.js';
import { startController, tempFolder, type TestController } from './support/fleet.js';
import { startImpostor } from './support/impostor.js';
import { bearer, lock } from './support/locked.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';
import { tapWire, type WireTap } from './support/wire-tap.js';

/** A controller with the token of a locked monitor: what others on the way learn of it, and can do. */

const { folder, remove } = await tempFolder();
let monitor: TestServer;
let controller: TestController;
let wire: WireTap;
let tokens: { view: string; operate: string };
let id: string;

const view = async (): Promise<MonitorView> =>
  (await controller.client.get(`/api/v1/monitors/${id}`)).json() as unknown as MonitorView;

t.before(async () => {
  monitor = await startServer();
  id = String((await monitor.client.get('/api/v1/session')).json()['id']);
  tokens = await lock(monitor);
  wire = await tapWire(monitor.client.port);
  controller = await startController(join(folder, 'data'), { discovery: false });
  const body = { address: wire.address, token: tokens.operate };
  await controller.client.send('POST', '/api/v1/monitors', { body });
});

t.teardown(async () => {
  await controller.stop();
  wire.close();
  await monitor.close();
  await remove();
});

t.test('a monitor that knows the token is reached; the token is not on the wire', async (t) => {
  await until(async () => (await view()).reachable, 'it has proved who it is');
  t.match(await view(), { paired: true, unproved: [], status: { id } });
  const { client } = controller;
  const changed = await client.send('PATCH', `/api/v1/monitors/${id}/api/config`, {
    body: { preview: { fps: 5 } },
  });
  t.equal(changed.status, 200, changed.bytes.toString());
  t.match(wire.heard(), /PATCH \/api\/v1\/config/);
  t.match(wire.heard(), /GET \/api\/v1\/events[^]*Authorization: PiMonitor/, 'sockets are signed');
  t.notOk(wire.heard().includes(tokens.operate));
});

t.test('what was heard on the wire is of no use', async (t) => {
  const requests = wire.heard().split(/(?=(?:GET|PATCH|POST) \/api)/);
  const signed = requests.filter((one) => one.includes('Authorization: PiMonitor'));
  t.ok(signed.length > 3);
  for (const said of [signed[0]!, signed.find((one) => one.startsWith('PATCH'))!]) {
    t.match(await raw(said), /^HTTP\/1.1 401/, 'said again');
    const other = said.replace(/\.(\d+)\./, (_, digits: string) => `.${Number(digits) + 500}.`);
    t.match(await raw(other), /^HTTP\/1.1 401/, 'with another counter');
  }
});

/** Sends text as it is to the monitor; what comes back first. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(monitor.client.port, '127.0.0.1', () => socket.write(text, 'latin1'));
    socket.on('data', (bytes) => {
      resolve(bytes.toString());
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

t.test('answers that are altered on the way are not believed', async (t) => {
  wire.alter((text) => text.replace('"state":"idle"', '"state":"free"'));
  const seen = await until(async () => {
    const now = await view();
    return now.problem?.code === 'unproved' && now;
  }, 'it is noticed');
  t.notMatch(seen, { status: { state: 'free' } });
  wire.alter(null);
  await until(async () => (await view()).reachable, 'it is itself again');
});

t.test('a command whose answer somebody between hides is done once', async (t) => {
  await until(async () => (await view()).reachable, 'it is commanded');
  const { client } = controller;
  const path = `/api/v1/monitors/${id}/api/presets`;
  t.equal((await client.send('POST', path, { body: { name: 'dusk' } })).status, 201);
  let hidden = 0;
  wire.alter((text) => {
    if (hidden > 0 || !text.startsWith('HTTP/1.1 204')) return text;
    hidden++;
    return 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n';
  });
  const removed = await client.send('DELETE', `${path}/dusk`);
  wire.alter(null);
  t.equal(hidden, 1);
  t.equal(removed.status, 204, removed.bytes.toString());
});

const forged = (): object => ({ session: 'A'.repeat(22), proof: 'B'.repeat(43) });
for (const [how, proof] of [
  ['a forged proof', forged],
  ['no proof', () => null],
] as const) {
  t.test(`another machine that claims the id elsewhere, with ${how}`, async (t) => {
    const impostor = await startImpostor(id, () => monitor.monitor.status(), proof);
    t.teardown(() => impostor.close());
    controller.controller.fleet.sighted(id, impostor.address);
    await until(() => impostor.asked('/api/v1/handshake') > 1, 'it was asked for its proof');
    await until(async () => (await view()).unproved.includes(impostor.address), 'it is shown');
    t.match(await view(), { reachable: true, conflict: false, address: wire.address });
    t.notOk(impostor.told().includes(tokens.operate));
    t.notMatch(impostor.told(), /Authorization|PiMonitor/i, 'nothing of the key');
  });
}

t.test('another machine in its place, and the monitor elsewhere', async (t) => {
  const impostor = await startImpostor(id, () => monitor.monitor.status(), forged);
  const elsewhere = await tapWire(monitor.client.port);
  t.teardown(() => [impostor, elsewhere].forEach((one) => one.close()));
  wire.lead(impostor.port);
  await until(async () => {
    const { problem, unproved } = await view();
    return problem?.code === 'unproved' && unproved.includes(wire.address);
  }, 'it is noticed');
  t.match(await view(), { reachable: false });
  const { client } = controller;
  const passed = await client.send('POST', `/api/v1/monitors/${id}/api/recording`, { body: {} });
  t.match(passed.json(), { code: 'unproved' });
  t.equal(impostor.asked('/api/v1/recording'), 0);
  t.notMatch(impostor.told(), /Bearer|PATCH/i);

  controller.controller.fleet.sighted(id, elsewhere.address);
  await until(async () => (await view()).reachable, 'it is found again by itself');
  t.match(await view(), { address: elsewhere.address });
  t.notOk(impostor.told().includes(tokens.operate));
  t.notOk(elsewhere.heard().includes(tokens.operate));

  // As it was, for what follows.
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  t.teardown(() => silent.close());
  await once(silent, 'listening');
  wire.lead((silent.address() as AddressInfo).port);
  await client.send('PATCH', `/api/v1/monitors/${id}`, { body: { address: wire.address } });
  const asked = (): number => elsewhere.heard().split('GET /api/v1/status').length;
  const before = asked();
  await until(() => asked() > before + 1, 'it has answered where it was');
  t.match(await view(), { address: wire.address }, 'what was asked for is tried first');
  elsewhere.close();
  wire.lead(monitor.client.port);
  await until(async () => (await view()).reachable, 'it answers there');
});

t.test('who views at the controller views at the monitor; who operates, operates', async (t) => {
  const keys = await lock({ folder, gate: controller.gate });
  const { client } = controller;
  const api = `/api/v1/monitors/${id}/api`;
  const roleAt = async (token: string): Promise<unknown> =>
    (await client.with(bearer(token)).get(`${api}/session`)).json()['role'];
  const codeOf = async (token: string, method: string): Promise<unknown> => {
    const answer = await client.with(bearer(token)).send(method, `${api}/config`, { body: {} });
    return answer.status === 200 ? 'done' : answer.json()['code'];
  };
  t.equal(await roleAt(keys.view), 'view');
  t.equal(await roleAt(keys.operate), 'operate');
  t.equal(await codeOf(keys.view, 'PATCH'), 'forbidden-role');
  t.equal(await codeOf(keys.operate, 'PATCH'), 'done');

  const give = { body: { token: tokens.view } };
  await client.with(bearer(keys.operate)).send('PATCH', `/api/v1/monitors/${id}`, give);
  await until(async () => (await roleAt(keys.operate)) === 'view', 'the token only views');
  t.equal(await codeOf(keys.operate, 'PATCH'), 'forbidden-role', 'there it ends');
});
