import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
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
