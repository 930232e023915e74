import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { startFleetMonitor, tempFolder, type FleetMonitor } from './support/fleet.js';
import { TestBroker, TestClient } from './support/broker.js';
import { until } from './support/until.js';

/** A real Mosquitto and real monitor processes: what a monitor tells, and what it does when told. */

const { folder, remove } = await tempFolder();
let broker: TestBroker;
let monitor: FleetMonitor;
let client: TestClient;
let id: string;

t.before(async () => {
  broker = await TestBroker.start(join(folder, 'broker'));
  client = await TestClient.connect(broker.url);
  monitor = await startFleetMonitor(join(folder, 'a'), 0, { mqtt: { url: broker.url } });
  id = (await statusOf(monitor))['id'] as string;
});

t.teardown(async () => {
  await client.close();
  await monitor.command.kill('SIGTERM');
  await broker.kill();
  await remove();
});

async function statusOf({ client }: FleetMonitor): Promise<Record<string, unknown>> {
  return (await client.get('/api/v1/status')).json();
}

function addsUp({ frames, losses }: Record<string, unknown>): boolean {
  const { expected = NaN, written = NaN } = frames as Record<string, number>;
  const lost = Object.values(losses as Record<string, number>).reduce((a, b) => a + b, 0);
  return expected === written + lost && written > 0;
}

t.test('the state is retained, as the status has it, and follows at once', async (t) => {
  await until(() => client.last('/state')?.['state'] === 'idle', 'it is told');
  t.match(
    client.heard.find(({ topic }) => topic.endsWith('/state'))?.topic,
    `monitors/${id}/state`,
  );
  t.match((await statusOf(monitor))['mqtt'], { connected: true, problem: null });
  await monitor.client.send('POST', '/api/v1/recording', { body: { name: 'one' } });
  await until(() => client.last('/state')?.['state'] === 'recording', 'it is told', 1000);
  const late = await TestClient.connect(broker.url);
  t.teardown(() => late.close());
  const state = await until(() => late.last('/state'), 'a late reader has it');
  t.ok(late.heard.every(({ topic, retained }) => retained || !topic.endsWith('/availability')));
  t.match(state, { id, state: 'recording', recording: { name: 'one' }, address: monitor.address });
  const fields = Object.keys(await statusOf(monitor));
  t.same(Object.keys(state).slice(0, fields.length), fields);
  t.same(late.texts('/availability'), ['online']);
  const stopped = await monitor.client.send('DELETE', '/api/v1/recording');
  t.equal(stopped.status, 200);
  await until(() => client.last('/state')?.['state'] === 'idle', 'it is told', 1000);
  const events = client
    .texts('/events')
    .map((text) => JSON.parse(text) as { type: string; id: number });
  t.ok(events.filter(({ type }) => type === 'recording').length >= 2, 'the events were told');
  t.same(
    events.map((one) => one.id),
    events.map((_, i) => events[0]!.id + i),
    'each once and in order',
  );
});

interface Command {
  id: string;
  method: string;
  path: string;
  body?: unknown;
  expiresWallUs?: number;
}

const soonUs = (): number => (Date.now() + 20_000) * 1000;

async function give(command: Command | string, properties = {}, retain = false): Promise<void> {
  const text = typeof command === 'string' ? command : JSON.stringify(command);
  const topic = `pi-monitor/monitors/${id}/commands`;
  await client.mqtt.publishAsync(topic, text, { qos: 1, retain, properties });
}

interface Reply {
  id: string | null;
  status: number;
  body: Record<string, unknown>;
}

function repliesTo(id: string, topicEnd = '/replies'): Reply[] {
  return client
    .texts(topicEnd)
    .map((text) => JSON.parse(text) as Reply)
    .filter((reply) => reply.id === id);
}

async function replyTo(id: string, count = 1): Promise<Reply> {
  const found = await until(() => {
    const replies = repliesTo(id);
    return replies.length >= count && replies;
  }, `${id} is answered`);
  return found.at(-1)!;
}

async function recordings(): Promise<string[]> {
  const { items } = (await monitor.client.get('/api/v1/recordings')).json();
  return (items as { name: string }[]).map(({ name }) => name);
}

t.test('a command given twice is done once, and answered alike', async (t) => {
  const before = await recordings();
  const path = '/api/v1/recording';
  const start = { id: 'start-1', method: 'POST', path, body: {}, expiresWallUs: soonUs() };
  await Promise.all([give(start), give(start)]);
  const reply = await replyTo('start-1', 2);
  t.match(reply, { status: 201, body: { state: 'recording' } });
  t.same(repliesTo('start-1')[0], reply);
  const stop = { id: 'stop-1', method: 'DELETE', path, expiresWallUs: soonUs() };
  await give(stop);
  t.match(await replyTo('stop-1'), { status: 200, body: { stop: { reason: 'requested' } } });
  await give({ ...start, expiresWallUs: soonUs() });
  t.same((await replyTo('start-1', 3)).body, reply.body, 'also once it has ended');
  t.equal((await recordings()).length, before.length + 1);
});

t.test('what is wrong with a command is told as by HTTP, and nothing is done', async (t) => {
  const path = '/api/v1/recording';
  const post = { method: 'POST', path, body: {}, expiresWallUs: soonUs() };
  const wrong: [string, object, object][] = [
    ['late', { ...post, expiresWallUs: (Date.now() - 1000) * 1000 }, { code: 'expired' }],
    ['far', { ...post, expiresWallUs: (Date.now() + 3_600_000) * 1000 }, { code: 'invalid-value' }],
    ['lasting', { ...post, expiresWallUs: undefined }, { field: 'expiresWallUs' }],
    ['field', { ...post, body: { colour: 1 } }, { code: 'unknown-field', field: 'colour' }],
    ['idle', { ...post, method: 'DELETE' }, { code: 'not-recording' }],
    ['path', { ...post, path: '/api/v1/nothing' }, { code: 'not-found' }],
    ['outside', { ...post, path: '/../metrics' }, { code: 'invalid-value', field: 'path' }],
    ['dots', { ...post, path: '/api/v1/../../healthz' }, { code: 'method-not-allowed' }],
    ['method', { ...post, method: 'PUT' }, { code: 'invalid-value', field: 'method' }],
    ['file', { method: 'GET', path: '/api/v1/files/a/b.mp4' }, { code: 'not-available' }],
    ['session', { ...post, path: '/api/v1/session' }, { code: 'not-available' }],
    [
      'remote',
      { ...post, method: 'PATCH', path: '/api/v1/config', body: { dataFolder: '/' } },
      { code: 'not-settable-remotely' },
    ],
  ];
  for (const [id, command, problem] of wrong) {
    await give(JSON.stringify({ id, ...command }));
    const reply = await replyTo(id);
    t.match(reply.body, problem, id);
    t.equal(reply.status, reply.body['status'], id);
  }
  await give('{ no json');
  await until(
    () => client.texts('/replies').some((text) => text.includes('malformed')),
    'so is that',
  );
  const retained = { id: 'kept', ...post };
  await give(retained, {}, true);
  await replyTo('kept'); // as it comes, it is of now
  await give({ id: 'kept-stop', ...post, method: 'DELETE' });
  await replyTo('kept-stop');
  await broker.kill('SIGTERM');
  await broker.up();
  const late = await TestClient.connect(broker.url);
  t.teardown(() => late.close());
  t.ok(await until(() => late.last('/commands'), 'the broker has kept it'));
  await until(async () => {
    await give({ id: 'after', method: 'GET', path: '/api/v1/status' });
    return repliesTo('after').length > 0;
  }, 'it is answered again');
  t.match((await replyTo('after')).body, { state: 'idle' }, 'what the broker kept was not done');
  t.equal(repliesTo('kept').length, 1);
  await give('', {}, true);
});

t.test('an answer goes where it is wished, below replies/ only', async (t) => {
  const ask = { id: 'where', method: 'GET', path: '/api/v1/system/time' };
  const correlationData = Buffer.from('tag');
  await give(ask, { responseTopic: 'pi-monitor/replies/me', correlationData });
  await until(() => repliesTo('where', 'replies/me').length === 1, 'it is there');
  const { packet } = client.heard.find(({ topic }) => topic.endsWith('replies/me'))!;
  t.same(packet.properties?.correlationData, correlationData);
  await give({ ...ask, id: 'astray' }, { responseTopic: `pi-monitor/monitors/${id}/record` });
  t.ok(await replyTo('astray'));
  t.same(client.texts('/record'), []);
});

t.test('a switch starts and stops a recording', async (t) => {
  const before = await recordings();
  const topic = `pi-monitor/monitors/${id}/record`;
  const turn = (to: string): Promise<unknown> => client.mqtt.publishAsync(topic, to, { qos: 1 });
  await turn('ON');
  await until(() => client.last('/state')?.['state'] === 'recording', 'it records');
  await turn('ON');
  await turn('OFF');
  await until(() => client.last('/state')?.['state'] === 'idle', 'it has stopped');
  await turn('OFF');
  t.equal((await recordings()).length, before.length + 1);
});

t.test('a flood of commands takes no memory, and costs no answer by HTTP', async (t) => {
  const { pid } = monitor.command.child;
  const rss = async (): Promise<number> => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
  };
  const before = await rss();
  const flooder = await TestClient.connect(broker.url);
  t.teardown(() => flooder.close());
  const topic = `pi-monitor/monitors/${id}/commands`;
  const text = JSON.stringify({ id: 'flood', method: 'GET', path: 'x'.repeat(50_000) });
  for (let i = 0; i < 2000; i++) flooder.mqtt.publish(topic, text);
  const answered = performance.now();
  t.match(await statusOf(monitor), { state: 'idle' });
  t.ok(performance.now() - answered < 1000, 'it is still quick');
  await until(async () => {
    await give({ id: 'after-flood', method: 'GET', path: '/api/v1/status' });
    return repliesTo('after-flood').length > 0;
  }, 'it is past');
  const more = (await rss()) - before;
  t.ok(more < 60, `100 MB came, and ${more.toFixed(0)} stayed`);
  t.ok(repliesTo('flood').length < 500);
});

t.test('one that is killed is told to be gone, and comes back', async (t) => {
  await monitor.command.kill('SIGKILL');
  await until(() => client.texts('/availability').at(-1) === 'offline', 'the last will', 3000);
  monitor = await startFleetMonitor(monitor.folder, 0, { mqtt: { url: broker.url } });
  await until(() => client.texts('/availability').at(-1) === 'online', 'it is back', 3000);
  await until(() => client.last('/state')?.['address'] === monitor.address, 'with its address');
  t.equal(client.last('/state')?.['id'], id);
});

t.test('a last will that comes late is taken back', async (t) => {
  const topic = `pi-monitor/monitors/${id}/availability`;
  await client.mqtt.publishAsync(topic, 'offline', { qos: 1, retain: true });
  await until(() => client.texts('/availability').at(-1) === 'online', 'it says that it is there');
  t.pass();
});

t.test('a broker that dies or hangs costs no recording, and is told anew', async (t) => {
  const body = { name: 'two' };
  t.equal((await monitor.client.send('POST', '/api/v1/recording', { body })).status, 201);
  broker.freeze('SIGSTOP');
  const { frames } = (await statusOf(monitor))['recording'] as { frames: number };
  await until(async () => {
    const status = await statusOf(monitor);
    return (status['recording'] as { frames: number }).frames > frames + 60;
  }, 'it goes on');
  broker.freeze('SIGCONT');
  await broker.kill();
  await until(
    async () => !((await statusOf(monitor))['mqtt'] as { connected: boolean }).connected,
    'it is noticed',
  );
  t.match((await statusOf(monitor))['mqtt'], { problem: { code: 'unreachable' } });
  await broker.up();
  const upMs = performance.now();
  client.heard.length = 0;
  await until(() => client.last('/state')?.['state'] === 'recording', 'the state is right');
  t.ok(performance.now() - upMs < 5000);
  const certificate = (await monitor.client.send('DELETE', '/api/v1/recording')).json();
  t.ok(addsUp(certificate), 'expected = written + losses');
});

t.test('a wrong password is told, and costs no recording', async (t) => {
  const passwords = join(folder, 'passwords');
  await promisify(execFile)('mosquitto_passwd', ['-b', '-c', passwords, 'cage', 'right']);
  const strict = await TestBroker.start(join(folder, 'strict'), [
    'allow_anonymous false',
    `password_file ${passwords}`,
  ]);
  t.teardown(() => strict.kill());
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, 'wrong\n');
  const mqtt = { url: strict.url, username: 'cage', passwordFile };
  const other = await startFleetMonitor(join(folder, 'b'), 0, { mqtt });
  t.teardown(() => other.command.kill('SIGKILL'));
  const told = await until(async () => {
    const { mqtt } = await statusOf(other);
    return (mqtt as { problem: object | null }).problem;
  }, 'it is told');
  t.match(told, { code: 'unauthorised', detail: /mqtt\.passwordFile/ });
  t.match(other.command.stderr, /refuses the user or the password/);
  t.equal((await other.client.send('POST', '/api/v1/recording', { body: {} })).status, 201);
  t.equal((await other.client.send('DELETE', '/api/v1/recording')).status, 200);
  await writeFile(passwordFile, 'right\n');
  await until(
    async () => ((await statusOf(other))['mqtt'] as { connected: boolean }).connected,
    'the file is read anew',
  );
  const config = await other.client.get('/api/v1/config');
  t.match(config.json()['mqtt'], { url: '…', username: '…', passwordFile: '…' });
  const patch = { body: { mqtt: { url: 'mqtt://elsewhere' } } };
  t.match((await other.client.send('PATCH', '/api/v1/config', patch)).json(), {
    code: 'not-settable-remotely',
    field: 'mqtt.url',
  });
});
