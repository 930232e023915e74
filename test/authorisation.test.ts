import t from 'tap';
import type { Access, Method } from '../src/http/route.js';
import { errorOf, open, socketPaths, type Outcome } from './support/ask.js';
import type { HttpClient } from './support/http-client.js';
import { bearer, lock, passwords } from './support/locked.js';
import { accessPointGuest, machineAt, publicPeer } from './support/other-machine.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

/**
 * Every route of the table, and every WebSocket, for everyone who may knock. No request here does
 * anything where it is let in: bodies are broken, names lead nowhere.
 */

interface Row {
  method: Method;
  path: string;
  access: Access;
  socket: boolean;
}

let server: TestServer;
let rows: Row[];

t.before(async () => {
  server = await startServer();
  const sockets = socketPaths(server.routes);
  const table = server.routes.map(({ method, path, access }) => {
    return { method, path: path.replace(/:\w+/g, 'nothing'), access, socket: false };
  });
  rows = [
    ...table,
    ...sockets.map((path) => ({
      method: 'GET' as const,
      path,
      access: 'view' as const,
      socket: true,
    })),
    { method: 'GET', path: '/monitor.html', access: 'anyone', socket: false },
  ];
});

t.teardown(() => server.close());

function ask(client: HttpClient, row: Row, headers: Record<string, string> = {}): Promise<Outcome> {
  return row.socket
    ? open(client, row.path, headers)
    : errorOf(client, row.method, row.path, headers);
}

/** What keeps a caller out; anything else is the route's own affair. */
const refusals = [
  'unauthorised',
  'forbidden-role',
  'forbidden-address',
  'forbidden-host',
  'forbidden-origin',
];

async function expect(
  t: { equal: (found: unknown, wanted: unknown, what: string) => void },
  client: HttpClient,
  refusal: (row: Row) => string | null,
  headers: Record<string, string> = {},
): Promise<void> {
  for (const row of rows) {
    const outcome = await ask(client, row, headers);
    const found = refusals.includes(outcome.code) ? outcome.code : null;
    const what = `${row.socket ? 'WS' : row.method} ${row.path}: ${outcome.status} ${outcome.code}`;
    t.equal(found, refusal(row), what);
  }
}

const changes = (row: Row): boolean => row.method !== 'GET' || row.socket;
const needsView = ({ access }: Row): string | null => (access === 'anyone' ? null : 'unauthorised');

t.test('without a password: a private peer may do everything', async (t) => {
  await expect(t, server.client, () => null);
});

t.test('without a password: a token that is not known is refused all the same', async (t) => {
  await expect(t, server.client.with(bearer('pim_wrong')), needsView);
});

for (const locked of [false, true]) {
  t.test(`a foreign Origin and a foreign Host, ${locked ? 'signed in' : 'open'}`, async (t) => {
    const client = locked
      ? server.client.with(bearer((await lock(server)).operate))
      : server.client;
    const forProgram = (row: Row): string | null =>
      locked && row.access === 'page' ? 'forbidden-role' : null;
    for (const origin of ['http://evil.example', 'null']) {
      const refusal = (row: Row): string | null =>
        changes(row) ? 'forbidden-origin' : forProgram(row);
      await expect(t, client, refusal, { Origin: origin });
    }
    await expect(t, client, () => 'forbidden-host', { Host: 'evil.example' });
  });
}

t.test('with a password: nobody, a wrong token, a viewer, an operator', async (t) => {
  const tokens = await lock(server);
  const { client } = server;
  await expect(t, client, needsView);
  await expect(t, client.with(bearer('pim_wrong')), needsView);
  await expect(t, client.with({ Authorization: 'Basic YTpi' }), needsView);
  await expect(t, client.with({ Cookie: `pi-monitor-${client.port}=operate.9e99.x` }), needsView);

  const forViewer = ({ access }: Row): string | null =>
    access === 'operate' || access === 'page' ? 'forbidden-role' : null;
  const forProgram = ({ access }: Row): string | null =>
    access === 'page' ? 'forbidden-role' : null;
  const signIn = async (password: string): Promise<HttpClient> => {
    const { headers } = await client.send('POST', '/api/v1/session', { body: { password } });
    return client.with({ Cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' });
  };
  await expect(t, client.with(bearer(tokens.view)), forViewer);
  await expect(t, await signIn(passwords.view), forViewer);
  await expect(t, client.with(bearer(tokens.operate)), forProgram);
  await expect(t, await signIn(passwords.operate), () => null);
});

t.test('a peer with a public address is refused, whatever it shows', async (t) => {
  const machine = await machineAt(t, publicPeer, server.client.port);
  if (machine === null) return;
  const tokens = await lock(server);
  const all = rows.flatMap((row) => [
    { ...row, headers: {} },
    { ...row, headers: { ...bearer(tokens.operate), 'X-Forwarded-For': '127.0.0.1' } },
  ]);
  const answers = await machine(all);
  t.equal(answers.length, all.length);
  for (const [i, row] of all.entries()) {
    t.equal(answers[i], '403 forbidden-address', `${row.method} ${row.path}`);
  }
});

t.test('who joined the access point and asks by another name is led to the page', async (t) => {
  const phone = await machineAt(t, accessPointGuest, server.client.port);
  if (phone === null) return;
  const checks = ['/generate_204', '/hotspot-detect.html', '/'].map((path) => {
    return { method: 'GET' as const, path, access: 'anyone' as const, socket: false };
  });
  const all = [...checks, ...rows].map((row) => {
    return { ...row, headers: { Host: 'connectivitycheck.example.org' } };
  });
  const led = async (): Promise<boolean> =>
    (await phone(all.slice(0, 1)))[0]?.startsWith('302') === true;
  await until(led, 'the server has noticed its new address');
  const answers = await phone(all);
  t.equal(answers.length, all.length);
  for (const [i, row] of all.entries()) {
    const expected = changes(row)
      ? '421 forbidden-host'
      : `302 http://10.42.0.1:${server.client.port}/monitor.html`;
    t.equal(answers[i], expected, `${row.method} ${row.path}`);
  }
  const [own] = await phone([{ ...all[0]!, path: '/monitor.html', headers: {} }]);
  t.match(own, /^200 <!doctype html>/i, 'by its own address it has the page');
});
