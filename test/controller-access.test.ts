import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import type { Route } from '../src/http/route.js';
import { errorOf, open, socketPaths } from './support/ask.js';
import { monitorsOf, startController, tempFolder, type TestController } from './support/fleet.js';
import { bearer, lock } from './support/locked.js';
import { machineAt, publicPeer } from './support/other-machine.js';
import { until } from './support/until.js';

/** Who may do what at a controller, and what a monitor that means ill, or is of another version, may. */

const { folder, remove } = await tempFolder();
let controller: TestController;
let status: unknown;
const asked: string[] = [];

const monitor = createServer((request, response) => {
  const { url = '' } = request;
  asked.push(url);
  const isStatus = url === '/api/v1/status';
  if (!isStatus && !url.endsWith('.html')) response.statusCode = 404; // as an older version
  response.setHeader('Content-Type', isStatus ? 'application/json' : 'text/html');
  response.end(isStatus ? JSON.stringify(status) : '<script>alert(1)</script>');
});

t.before(async () => {
  await new Promise<void>((resolve) => monitor.listen(0, '127.0.0.1', resolve));
  const { port } = monitor.address() as AddressInfo;
  status = { id: 'odd' };
  controller = await startController(join(folder, 'data'), {
    discovery: false,
    monitors: [`127.0.0.1:${port}`],
  });
});

t.teardown(async () => {
  await controller.stop();
  monitor.closeAllConnections();
  monitor.close();
  await remove();
});

t.test('a status that lacks what is read of it makes a monitor unreachable, no more', async (t) => {
  const [view] = await until(async () => {
    const views = await monitorsOf(controller.client);
    return views[0]?.problem?.detail.includes('Its status') === true && views;
  }, 'it is told');
  t.equal(view?.reachable, false);
  status = {
    ...{ id: 'odd', host: 'odd', state: 'idle', problem: null, camera: null, recording: null },
    ...{ losses: {}, disk: {}, health: {}, encoder: {}, lastEventId: 0 },
  };
  await until(async () => (await monitorsOf(controller.client))[0]?.reachable, 'it is whole');
});

t.test('what passes through stays in the API, and is inert', async (t) => {
  const { client } = controller;
  const page = await client.get('/api/v1/monitors/odd/api/page.html');
  t.match(page, { status: 200, headers: { 'content-security-policy': 'sandbox' } });
  for (const out of ['../../metrics', '%2e%2e/%2E./metrics', '..\\..\\metrics']) {
    const answer = await client.get(`/api/v1/monitors/odd/api/${out}`);
    t.equal(answer.status, 404, out);
  }
  t.notOk(asked.includes('/metrics'));
});

t.test('nobody, a viewer, an operator, and another site', async (t) => {
  const tokens = await lock({ folder, gate: controller.gate });
  const { client, routes } = controller;
  const pathOf = ({ path }: Route): string => path.replace(/:\w+\*?/g, 'nothing');
  const passes = routes.filter(({ path }) => path.includes('/api/:path*'));
  t.equal(passes.length, 4, 'the pass-through is among them');
  t.equal((await client.get('/')).status, 302, 'the page itself asks for the password');
  t.equal((await client.get('/healthz')).status, 200);
  const viewing = client.with(bearer(tokens.view));
  const operating = client.with(bearer(tokens.operate));
  const guessing = client.with(bearer('pim_wrong'));
  for (const one of routes) {
    const { method, access } = one;
    const what = `${method} ${pathOf(one)}`;
    const codeFor = async (who: typeof client, shown: Record<string, string> = {}) =>
      (await errorOf(who, method, pathOf(one), shown)).code;
    const nobody = await codeFor(client);
    t.equal(nobody === 'unauthorised', access !== 'anyone', `${what}: nobody gets ${nobody}`);
    t.equal((await codeFor(viewing)) === 'forbidden-role', method !== 'GET' && access !== 'anyone');
    t.notMatch(await codeFor(operating), /unauthorised|forbidden/, what);
    t.equal((await codeFor(guessing)) === 'unauthorised', access !== 'anyone', `${what}: a guess`);
    t.equal(await codeFor(operating, { Host: 'evil.example' }), 'forbidden-host', what);
    const foreign = await codeFor(operating, { Origin: 'http://evil.example' });
    t.equal(foreign === 'forbidden-origin', method !== 'GET', `${what} from another site`);
  }
  const sockets = socketPaths(routes);
  t.same(sockets.length, 2);
  for (const path of sockets) {
    t.equal((await open(client, path)).code, 'unauthorised', path);
    t.equal((await open(guessing, path)).code, 'unauthorised', path);
    t.equal((await open(viewing, path, { Host: 'evil.example' })).code, 'forbidden-host', path);
    t.equal((await open(viewing, path)).status, 101, path);
    const foreign = { Origin: 'http://evil.example' };
    t.equal((await open(viewing, path, foreign)).code, 'forbidden-origin', path);
  }
});

t.test('a peer with a public address is refused, whatever it shows', async (t) => {
  const { client, routes } = controller;
  const machine = await machineAt(t, publicPeer, client.port);
  if (machine === null) return;
  const { operate } = await lock({ folder, gate: controller.gate });
  const sockets = socketPaths(routes);
  const paths = routes.map(({ method, path }) => ({
    method,
    path: path.replace(/:\w+\*?/g, 'nothing'),
    socket: sockets.includes(path),
  }));
  const rows = [...paths, { method: 'GET', path: '/controller.html', socket: false }];
  const all = rows.flatMap((row) => [
    { ...row, headers: {} },
    { ...row, headers: { ...bearer(operate), 'X-Forwarded-For': '127.0.0.1' } },
  ]);
  const answers = await machine(all);
  t.equal(answers.length, all.length);
  for (const [i, { method, path }] of all.entries()) {
    t.equal(answers[i], '403 forbidden-address', `${method} ${path}`);
  }
});
