import { join } from 'node:path';
import t from 'tap';
import { PairingDesk } from '../src/access/pairing-desk.js';
import type { MonitorView } from '../src/controller/shapes.js';
import { monitorsOf, startController, tempFolder, type TestController } from './support/fleet.js';
import type { Answer, HttpClient } from './support/http-client.js';
import { startImpostor } from './support/impostor.js';
import { bearer, lock, passwords } from './support/locked.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';
import { tapWire, type WireTap } from './support/wire-tap.js';

/** A locked monitor and a controller are paired by a code; nobody else is. */

const { folder, remove } = await tempFolder();
let monitor: TestServer;
/** The monitor's own page, signed in. */
let page: HttpClient;
let controller: TestController;
let wire: WireTap;
let tokens: { view: string; operate: string };

const entry = async (): Promise<MonitorView> => (await monitorsOf(controller.client))[0]!;
const show = async (role = 'operate'): Promise<string> => {
  const desk = await page.send('POST', '/api/v1/pairing', { body: { role } });
  return (desk.json()['shown'] as { code: string }).code;
};
const pair = async (code: string): Promise<Answer> => {
  const id = encodeURIComponent((await entry()).id);
  return controller.client.send('POST', `/api/v1/monitors/${id}/pairing`, { body: { code } });
};
const other = (code: string): string => String((Number(code) + 1) % 1e8).padStart(8, '0');
const pairings = async (): Promise<{ id: string; name: string }[]> =>
  (await page.get('/api/v1/pairings')).json()['items'] as { id: string; name: string }[];

t.before(async () => {
  monitor = await startServer();
  tokens = await lock(monitor);
  const body = { password: passwords.operate };
  const { headers } = await monitor.client.send('POST', '/api/v1/session', { body });
  page = monitor.client.with({ Cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' });
  wire = await tapWire(monitor.client.port);
  controller = await startController(join(folder, 'data'), { discovery: false });
  await controller.client.send('POST', '/api/v1/monitors', { body: { address: wire.address } });
});

t.teardown(async () => {
  await controller.stop();
  wire.close();
  await monitor.close();
  await remove();
});

t.test('a monitor with a password is shown as such, and no code is no pairing', async (t) => {
  t.match(await entry(), { reachable: false, paired: false, problem: { code: 'unauthorised' } });
  t.match((await pair('12345678')).json(), { code: 'not-pairing' });
  t.match((await pair('1234')).json(), { code: 'invalid-value', field: 'code' });
});

t.test('the code is shown on the page alone', async (t) => {
  for (const method of ['GET', 'POST'])
    t.match((await monitor.client.send(method, '/api/v1/pairing')).json(), {
      code: 'unauthorised',
    });
  const program = monitor.client.with(bearer(tokens.operate));
  t.match((await program.send('POST', '/api/v1/pairing')).json(), { code: 'forbidden-role' });
  await show();
  t.match((await program.get('/api/v1/pairing')).json(), { code: 'forbidden-role' });
  t.equal((await page.send('DELETE', '/api/v1/pairing')).status, 204);
  t.match((await page.get('/api/v1/pairing')).json(), { shown: null, ended: 'cancelled' });
});

t.test('five wrong codes, and it holds no longer', async (t) => {
  const code = await show();
  for (let i = 0; i < 5; i++) t.match((await pair(other(code))).json(), { code: 'code-wrong' });
  t.match((await page.get('/api/v1/pairing')).json(), { shown: null, ended: 'guessed' });
  t.match((await pair(code)).json(), { code: 'not-pairing' }, 'the right one comes too late');
  t.same(await pairings(), []);
});

t.test('with the code they are paired; neither code nor key is on the wire', async (t) => {
  const code = await show();
  t.match((await pair(other(code))).json(), { code: 'code-wrong' });
  const paired = await pair(code);
  t.match(paired, { status: 201 }, paired.bytes.toString());
  t.match(await until(async () => (await entry()).reachable && entry(), 'it is reached'), {
    id: monitor.monitor.id,
    paired: true,
    problem: null,
  });
  t.match((await page.get('/api/v1/pairing')).json(), { shown: null, ended: 'paired' });
  t.match(await pairings(), [
    { name: controller.controller.host, role: 'operate', seenWallUs: Number },
  ]);
  t.notOk(wire.heard().includes(code));
  t.notMatch(wire.heard(), /pim_|Bearer/);
  const api = `/api/v1/monitors/${monitor.monitor.id}/api/pairing`;
  const another = await controller.client.send('POST', api, { body: {} });
  t.match(another.json(), { code: 'forbidden-role' }, 'it lets in no others');
});

t.test('it lasts over a restart of the controller, and is replaced by the next', async (t) => {
  await controller.stop();
  controller = await startController(controller.folder, { discovery: false });
  await until(async () => (await entry()).reachable, 'it is reached again');
  const [before] = await pairings();
  t.equal((await pair(await show('view'))).status, 201);
  const now = await pairings();
  t.match(now, [{ role: 'view' }]);
  t.equal(now.length, 1);
  t.not(now[0]!.id, before!.id);
  const path = `/api/v1/monitors/${monitor.monitor.id}/api/recording`;
  const refused = await controller.client.send('POST', path, { body: {} });
  t.match(refused.json(), { code: 'forbidden-role' }, 'it only views');
});

t.test('ended at the monitor, it is over at once', async (t) => {
  const { id } = (await pairings())[0]!;
  t.equal((await page.send('DELETE', `/api/v1/pairings/${id}`)).status, 204);
  t.equal((await page.send('DELETE', `/api/v1/pairings/${id}`)).status, 404);
  const seen = await until(async () => {
    const now = await entry();
    return now.problem?.code === 'unproved' && now;
  }, 'it is noticed');
  t.match(seen, { reachable: false, paired: true });
  await controller.client.send('DELETE', `/api/v1/monitors/${seen.id}/pairing`);
  await until(async () => (await entry()).problem?.code === 'unauthorised', 'it is forgotten');
});

t.test('somebody between, who makes up an answer', async (t) => {
  const share = Buffer.alloc(32).toString('base64url'); // the neutral element: any code would fit
  const exchange = { share, id: monitor.monitor.id };
  const confirm = { proof: 'made up' };
  const impostor = await startImpostor(
    monitor.monitor.id,
    () => ({}),
    () => null,
    { '/api/v1/pairing/exchange': exchange, '/api/v1/pairing/confirm': confirm },
  );
  t.teardown(() => {
    wire.lead(monitor.client.port);
    impostor.close();
  });
  wire.lead(impostor.port);
  const code = await show();
  t.match((await pair(code)).json(), { code: 'unproved' });
  exchange.share = '4vKuCmq8TnGohKlhxQBRX1jjC2qlgt2NtqZZReCNLXY'; // an element, of no code
  t.match((await pair(code)).json(), { code: 'unproved' });
  t.equal((await entry()).paired, false);
  t.notOk(impostor.told().includes(code));
});

t.test('a code holds for two minutes', async (t) => {
  let nowMs = 0;
  const desk = new PairingDesk({ id: () => 'id', keep: async () => undefined, nowMs: () => nowMs });
  desk.show('view');
  nowMs = 119_999;
  t.match(desk.view(), { shown: { leftMs: 1, triesLeft: 5, role: 'view', code: /^\d{8}$/ } });
  nowMs = 120_000;
  t.throws(() => desk.begin('s', 'x', { id: 'c', name: 'c' }), { code: 'not-pairing' });
  t.match(desk.view(), { shown: null, ended: 'expired' });
});
