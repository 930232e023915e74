import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { hashPassword, isPassword } from '../src/access/password.js';
import { Gate } from '../src/access/gate.js';
import { linkKeyOfToken, sessionKey, signRequest } from '../src/access/link-key.js';
import { Retries } from '../src/access/retries.js';
import { readSecrets, secretsPath, writeSecrets } from '../src/access/secrets.js';
import { readSession, sessionMs, signSession } from '../src/access/session.js';
import { SignedSessions } from '../src/access/signed-sessions.js';
import { makeToken } from '../src/access/token.js';
import { monitorAt } from '../src/doctor/port-probe.js';
import { createLog } from '../src/log.js';
import { securityHeaders } from '../src/http/security-headers.js';
import { Command } from './support/command.js';
import type { Answer } from './support/http-client.js';
import { bearer, lock, passwords } from './support/locked.js';
import { recordNamed } from './support/media.js';
import { startServer } from './support/server.js';
import { stay, type Stay } from './support/stay.js';
import { until } from './support/until.js';

const run = promisify(execFile);

t.test('a password is kept as a salted hash', async (t) => {
  const [one, other] = await Promise.all([hashPassword('grüße'), hashPassword('grüße')]);
  t.not(one, other);
  t.equal(await isPassword('grüße', one), true);
  t.equal(await isPassword('gru\u0308ße', one), true, 'typed on another keyboard');
  t.equal(await isPassword('grüsse', one), false);
  t.equal(await isPassword('', one), false);
});

t.test('a session ends with its time, its password and its key', async (t) => {
  const hashes = { view: 'v', operate: 'o' };
  const text = signSession('operate', 'o', 'key', { boot: 'a', ms: 1000 });
  const read = (
    given: string,
    hashOf = hashes,
    key = 'key',
    ms = 2000,
    boot = 'a',
  ): string | null => readSession(given, (role) => hashOf[role], key, { boot, ms });
  t.equal(read(text), 'operate');
  t.equal(read(text, hashes, 'key', 1000 + sessionMs), null, 'it has ended');
  t.equal(read(text, hashes, 'key', 2000, 'b'), null, 'the machine was off');
  t.equal(read(text, { ...hashes, operate: 'new' }), null, 'the password is another');
  t.equal(read(text, hashes, 'other'), null, 'another machine signed it');
  t.equal(read(text.replace('operate', 'view')), null, 'the role was changed');
  t.equal(read(text.replace(/\.\d+\./, '.9999999999999.')), null, 'the time was changed');
  for (const wrong of ['', '.', '..', 'operate', 'operate.9e99.', `${text}x`]) {
    t.equal(read(wrong), null, wrong);
  }
});

t.test('wrong passwords make one wait, each longer', async (t) => {
  const retries = new Retries();
  for (let i = 0; i < 4; i++) {
    t.equal(retries.waitMs('a', 0), 0);
    retries.wrong('a', 0);
  }
  t.equal(retries.waitMs('a', 0), 1000);
  t.equal(retries.waitMs('b', 0), 0, 'another address does not wait');
  t.equal(retries.waitMs('a', 1000), 0);
  retries.wrong('a', 1000);
  t.equal(retries.waitMs('a', 1000), 2000);
  retries.right('a');
  t.equal(retries.waitMs('a', 1000), 0);
  for (let i = 0; i < 58; i++) retries.wrong(`address ${i}`, 2000);
  t.equal(retries.waitMs('new', 2000), 58_000, 'all together');
  t.equal(retries.waitMs('new', 62_000), 0);
  for (let i = 0; i < 20; i++) retries.wrong('c', 100_000);
  t.equal(retries.waitMs('c', 100_000), 5 * 60_000, 'at most five minutes');
});

t.test('secrets: for their owner only; tokens stay with their board', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-secrets-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = secretsPath(folder);
  const empty = await readSecrets(path, 'board 1');
  const { kept } = makeToken('script', 'view', 0);
  const passwords = { view: null, operate: 'hash' };
  await writeSecrets(path, { ...empty, passwords, tokens: [kept] });
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.match(await readSecrets(path, 'board 1'), { tokens: [kept], passwords });
  t.match(await readSecrets(path, null), { tokens: [kept] }, 'the board does not say');
  const moved = await readSecrets(path, 'board 2');
  t.strictSame(moved.tokens, []);
  t.equal(moved.passwords.operate, 'hash');
  for (const broken of ['', '{', '[]', '{}', '{"passwords": {}}']) {
    await writeFile(path, broken);
    await t.rejects(readSecrets(path, null), /secrets\.json cannot be read/, broken);
  }
});

t.test('HTTPS is asked for again of names only', async (t) => {
  const asks = (scheme: 'http' | 'https', host: string): boolean =>
    'Strict-Transport-Security' in securityHeaders(scheme, host);
  t.equal(asks('https', 'cage3.local:8000'), true);
  for (const host of ['192.168.1.5', '192.168.1.5:8000', '[fe80::1]:8000']) {
    t.equal(asks('https', host), false, host);
  }
  t.equal(asks('http', 'cage3.local'), false);
});

t.test('secrets that cannot be read for a moment are read as soon as they can', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-gate-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = secretsPath(folder);
  const gate = await Gate.open(path, null, createLog('silent'));
  t.teardown(() => gate.close());
  const secrets = await readSecrets(path, null);
  await writeSecrets(path, { ...secrets, passwords: { view: null, operate: 'hash' } });
  const text = await readFile(path, 'utf8');
  // As where root has written it and gives it to the service a moment later: the same file all along.
  const put = async (content: string): Promise<void> => {
    await writeFile(path, content);
    await utimes(path, 1, 1);
  };
  await put(`?${text.slice(1)}`);
  await gate.look();
  t.equal(gate.isOpen, true, 'what held goes on to hold');
  await put(text);
  await gate.look();
  t.equal(gate.isOpen, false);
});

t.test('who begins sessions and uses none keeps nobody out', async (t) => {
  const sessions = new SignedSessions();
  const key = linkKeyOfToken(makeToken('controller', 'operate', 0).secret);
  const line = { method: 'GET', target: '/', role: '', idempotencyKey: '' };
  const begin = (peer: string): (() => boolean) => {
    const nonce = `nonce of ${peer}`;
    const { session } = sessions.begin('a', key, nonce, peer);
    const secret = sessionKey(key.key, { nonce, session });
    return () =>
      sessions.read(`PiMonitor ${session}.1..${signRequest(secret, 1, line, '')}`, line) !== null;
  };
  const mine = begin('mine');
  const flood = Array.from({ length: 1000 }, () => begin('another'));
  t.equal(flood.filter((use) => use()).length, 8, 'of one address so many are kept');
  t.ok(mine());
  const late = begin('mine');
  for (let i = 0; i < 64; i++) begin(`another ${i}`);
  t.notOk(late(), 'of all addresses so many');
});

const cookieOf = ({ headers }: Answer): string => headers['set-cookie']?.[0]?.split(';')[0] ?? '';

t.test('streams and downloads end with the right to have them', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, folder, gate } = server;
  const { port } = client;
  await recordNamed(server, 'a', 10);
  // More than what the kernel buffers of a connection.
  await truncate(join(folder, 'data', 'recordings', 'a', 'a_0000.mp4'), 64e6);
  const tokens = await lock(server);
  const signedIn = await client.send('POST', '/api/v1/session', {
    body: { password: passwords.view },
  });
  const paths = ['/stream.mjpg', '/stream.mp4', '/api/v1/files/a/a_0000.mp4'];
  const allFor = (headers: Record<string, string>): Promise<Stay[]> =>
    Promise.all(paths.map((path) => stay(port, path, headers)));
  const byToken = await allFor(bearer(tokens.view));
  const bySession = await allFor({ Cookie: cookieOf(signedIn) });
  const operating = await stay(port, '/stream.mjpg', bearer(tokens.operate));
  for (const { answer } of [...byToken, ...bySession, operating]) t.equal(answer.statusCode, 200);
  for (const { answer } of [operating, ...bySession.slice(0, 2)]) answer.resume();
  const closed = (opened: Stay[]): Promise<boolean[]> => {
    for (const { answer } of opened) answer.resume();
    return Promise.all(opened.map(({ ended }) => ended));
  };

  const path = secretsPath(join(folder, 'data'));
  const secrets = await readSecrets(path, null);
  const rising = await stay(port, '/stream.mjpg', bearer(tokens.view));
  const risen = secrets.tokens.map((token) => ({ ...token, role: 'operate' as const }));
  await writeSecrets(path, { ...secrets, tokens: risen });
  await gate.look();
  let pictures = 0;
  rising.answer.on('data', () => pictures++);
  await until(() => pictures > 10, 'who may do more goes on');
  await writeSecrets(path, secrets);
  await gate.look();

  const kept = secrets.tokens.filter(({ role }) => role === 'operate');
  await writeSecrets(path, { ...secrets, tokens: kept });
  await gate.look();
  const ended = await closed([...byToken, rising]);
  t.strictSame(ended, [false, false, false, false], 'the token is revoked');

  await once(operating.answer, 'data'); // another's token still holds
  t.notOk(
    bySession.some(({ answer }) => answer.destroyed),
    'so does who signed in',
  );

  const view = await hashPassword('another');
  await writeSecrets(path, { ...secrets, tokens: kept, passwords: { view, operate: 'x' } });
  await gate.look();
  t.strictSame(await closed(bySession), [false, false, false], 'the password is another');
  await once(operating.answer, 'data');
  operating.answer.destroy();
});

t.test('signing in, looking, operating, signing out', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client } = server;
  const signIn = (password: unknown, from = client): Promise<Answer> =>
    from.send('POST', '/api/v1/session', { body: { password } });

  t.match((await client.get('/api/v1/session')).json(), { open: true, role: 'operate' });
  t.equal((await signIn('anything')).status, 422, 'there is no password to give');
  const socket = client.socket('/api/v1/events');
  await once(socket, 'open');
  const closed = once(socket, 'close');

  const tokens = await lock(server);
  await closed; // who came in without a password is shown the door
  t.match((await client.get('/api/v1/session')).json(), { open: false, role: null });
  const refused = await client.get('/api/v1/status');
  t.match(refused, { status: 401, headers: { 'www-authenticate': 'Bearer' } });
  t.equal((await client.get('/monitor.html')).status, 200, 'the page itself asks for the password');
  t.equal((await client.get('/healthz')).status, 200);

  const viewer = await signIn(passwords.view);
  t.match(viewer.json(), { open: false, role: 'view' });
  t.match(viewer.headers['set-cookie'], [/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/]);
  const looking = client.with({ Cookie: `other=1; ${cookieOf(viewer)}` });
  t.equal((await looking.get('/api/v1/status')).status, 200);
  t.match((await looking.send('DELETE', '/api/v1/recording')).json(), { code: 'forbidden-role' });

  const operating = client.with({ Cookie: cookieOf(await signIn(passwords.operate)) });
  t.equal((await operating.send('DELETE', '/api/v1/recording')).json()['code'], 'not-recording');
  const out = await operating.send('DELETE', '/api/v1/session');
  t.match(out.headers['set-cookie'], [/^pi-monitor-\d+=; .*Max-Age=0$/]);

  t.equal((await client.with(bearer(tokens.view)).get('/api/v1/status')).status, 200);
  for (let i = 0; i < 4; i++) t.equal((await signIn('wrong')).status, 401);
  const slowed = await signIn(passwords.operate);
  t.match(slowed, { status: 429, headers: { 'retry-after': '1' } }, 'even the right one waits');
  t.equal(slowed.json()['code'], 'too-many-requests');
  for (const wrong of [5, null, '', 'x'.repeat(201)]) {
    t.equal((await signIn(wrong)).status, 422, String(wrong).slice(0, 9));
  }

  // a new password ends the sessions of the old one; a lost file opens nothing
  await lock(server);
  t.equal((await operating.get('/api/v1/status')).status, 401);
  await rm(secretsPath(join(server.folder, 'data')));
  await server.gate.look();
  t.equal((await client.get('/api/v1/status')).status, 401);
});

t.test('pi-monitor passwd and token, while the monitor runs', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, folder } = server;
  const data = ['--data', join(folder, 'data'), '--config', join(folder, 'config.json')];
  const passwd = async (input: string, ...options: string[]): Promise<string> => {
    const command = new Command(['passwd', '--stdin', ...data, ...options], {}, input);
    await command.exit;
    return command.stdout + command.stderr;
  };
  const token = async (...rest: string[]): Promise<string> => {
    const command = new Command(['token', ...rest, ...data]);
    if ((await command.exit).code !== 0) throw new Error(command.stderr);
    return command.stdout.trim();
  };

  t.match(await passwd('only looking\n', '--view'), /operators first/);
  t.match(await passwd('short\n'), /8 to 200 characters/);
  t.match(await passwd('correct horse\n'), /operators is set/);
  t.match(await passwd('only looking\n', '--view'), /viewers is set/);
  const status = (): Promise<Answer> => client.get('/api/v1/status');
  await until(async () => (await status()).status === 401, 'the password holds');
  await until(async () => {
    const body = { password: 'only looking' };
    return (await client.send('POST', '/api/v1/session', { body })).status === 200;
  }, 'viewers get in too');

  const secret = await token('create', '--role', 'operate', '--label', 'a script');
  const script = client.with(bearer(secret));
  await until(async () => (await script.get('/api/v1/status')).status === 200, 'the token holds');
  const listed = await token('list');
  const [id = '', role, , label] = listed.split('\t');
  t.same([role, label], ['operate', 'a script']);
  t.notMatch(listed, secret);
  await token('revoke', id);
  await until(async () => (await script.get('/api/v1/status')).status === 401, 'it is revoked');
  await t.rejects(token('revoke', id), /no token/);

  await passwd('', '--remove');
  await until(async () => (await status()).status === 200, 'nobody needs a password');
});

t.test('TLS from files', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-tls-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-days', '2'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await run('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert]);
  const server = await startServer({ server: { tls: { cert, key } } });
  t.teardown(() => server.close());
  await lock(server);

  const ask = (host: string, method: string, body = ''): Promise<Answer['headers']> =>
    new Promise((resolve, reject) => {
      const headers = { Host: host, Origin: `https://${host}`, 'Content-Type': 'application/json' };
      const path = '/api/v1/session';
      const { port } = server.client;
      const options = { host: '127.0.0.1', port, path, method, headers, rejectUnauthorized: false };
      request(options, (response) => {
        response.resume();
        resolve({ ...response.headers, status: String(response.statusCode) });
      })
        .on('error', reject)
        .end(body);
    });
  const named = await ask('localhost:1', 'POST', JSON.stringify({ password: passwords.view }));
  t.match(named, { status: '200', 'strict-transport-security': /^max-age=\d+$/ });
  t.match(named['set-cookie'], [/; Secure$/]);
  t.equal((await ask('127.0.0.1', 'GET'))['strict-transport-security'], undefined);
  await t.rejects(server.client.get('/healthz'), 'plain HTTP is not spoken');
  const address = { ...server.monitor.settings.server, port: server.client.port };
  t.match(await monitorAt(address), { host: 'with a password' }, 'the doctor knows it');

  for (const files of [
    { cert, key: cert },
    { cert: '/nothing', key },
    { cert, key: '' },
  ]) {
    await t.rejects(startServer({ server: { tls: files } }), /server\.tls names/);
  }
  const answer = await (
    await startedPlain(t)
  ).send('PATCH', '/api/v1/config', {
    body: { server: { tls: { cert, key } } },
  });
  t.match(answer.json(), { code: 'not-settable-remotely', field: 'server.tls.cert' });
});

async function startedPlain(t: {
  teardown: (end: () => Promise<void>) => void;
}): Promise<Awaited<ReturnType<typeof startServer>>['client']> {
  const server = await startServer();
  t.teardown(() => server.close());
  return server.client;
}
