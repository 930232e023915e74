import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { resolveConfig } from '../src/config/config.js';
import { checkBroker } from '../src/config/mqtt.js';
import { toProblem } from '../src/errors.js';
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
  for (const word of ['', 'off', '{}']) await turn(word); // an empty one clears what is retained
  await give({ id: 'after-words', method: 'GET', path: '/api/v1/status' });
  await until(() => repliesTo('after-words').length > 0, 'all before it is heard');
  t.match(await statusOf(monitor), { state: 'recording' }, 'only OFF ends it');
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
  const text = JSON.stringify({ id: 'flood', method: 'GET', path: 'x'.repeat(100_000) });
  for (let i = 0; i < 1000; i++) flooder.mqtt.publish(topic, text);
  t.match(await statusOf(monitor), { state: 'idle' });
  await until(
    async () => {
      await give({ id: 'after-flood', method: 'GET', path: '/api/v1/status' });
      await delay(100);
      return repliesTo('after-flood').length > 0;
    },
    'it is past',
    60_000,
  );
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

/** What Home Assistant documents for each platform, as far as it is used (home-assistant.io/integrations). */
const documented: Record<string, { may: string[]; must: string[] }> = {
  switch: {
    may: ['state_topic', 'value_template', 'qos', 'icon', 'payload_on', 'payload_off'],
    must: ['command_topic'],
  },
  sensor: {
    may: ['value_template', 'state_class', 'device_class', 'unit_of_measurement'],
    must: ['state_topic'],
  },
  image: { may: [], must: ['url_topic'] },
};

t.test('Home Assistant finds a switch, figures and a picture', async (t) => {
  const mqtt = { url: broker.url, homeAssistant: { enabled: true } };
  const shown = await startFleetMonitor(join(folder, 'shown'), 0, { mqtt });
  t.teardown(() => shown.command.kill('SIGKILL'));
  const { id } = (await statusOf(shown)) as { id: string };
  const topic = `homeassistant/device/pi-monitor-${id}/config`;
  await until(() => client.last(topic), 'it is announced');
  const late = await TestClient.connect(broker.url);
  t.teardown(() => late.close());
  const found = (await until(() => late.last(topic), 'and stays so')) as {
    components: Record<string, Record<string, string>>;
  };
  t.match(found, {
    device: { identifiers: [`pi-monitor-${id}`], name: String },
    origin: { name: 'pi-monitor' },
    availability_topic: `pi-monitor/monitors/${id}/availability`,
  });
  for (const [key, { platform, name, unique_id, ...rest }] of Object.entries(found.components)) {
    const { may, must } = documented[platform!]!;
    t.ok(name && unique_id, `${key} has a name and an id`);
    t.same(
      must.filter((field) => !(field in rest)),
      [],
      `${key} has what it needs`,
    );
    const known = [...may, ...must];
    t.same(
      Object.keys(rest).filter((field) => !known.includes(field)),
      [],
      `${key}: all is known`,
    );
  }
  // Each template reads fields that the state has.
  const state = await until(() => late.last(`${id}/state`), 'the state');
  for (const { value_template: template = '' } of Object.values(found.components)) {
    for (const [, path = ''] of template.matchAll(
      /value_json\.([a-zA-Z.]+?)(?:\.values\(\))?[ }]/g,
    )) {
      const value = path
        .split('.')
        .reduce<unknown>((at, field) => (at as Record<string, unknown>)[field], state);
      t.not(value, undefined, template);
    }
  }
  const { record, picture } = found.components;
  const url = await until(() => late.texts(picture!['url_topic']!)[0], 'where the picture is');
  const jpeg = await fetch(url);
  t.equal(jpeg.headers.get('content-type'), 'image/jpeg');
  await jpeg.arrayBuffer();
  await client.mqtt.publishAsync(record!['command_topic']!, 'ON', { qos: 1 });
  await until(() => late.last(`${id}/state`)?.['recording'], 'it records');
  await client.mqtt.publishAsync(record!['command_topic']!, 'OFF', { qos: 1 });
  await until(() => late.last(`${id}/state`)?.['recording'] === null, 'it has stopped');
});

t.test('TLS: the certificate must be of the authority that is named', async (t) => {
  const tls = join(folder, 'tls');
  await mkdir(tls);
  const run = promisify(execFile);
  const openssl = (line: string): Promise<unknown> => run('openssl', line.split(' '), { cwd: tls });
  const ec = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  for (const ca of ['ca', 'stranger'])
    await openssl(`req -x509 ${ec} -days 2 -subj /CN=${ca} -keyout ${ca}.key -out ${ca}.pem`);
  await openssl(`req ${ec} -subj /CN=broker -keyout broker.key -out broker.csr`);
  await writeFile(join(tls, 'names'), 'subjectAltName=IP:127.0.0.1\n');
  await openssl(
    'x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out broker.pem',
  );
  const lines = [
    'allow_anonymous true',
    `certfile ${tls}/broker.pem`,
    `keyfile ${tls}/broker.key`,
    `cafile ${tls}/ca.pem`,
  ];
  const secure = await TestBroker.start(join(folder, 'secure'), lines);
  t.teardown(() => secure.kill());
  const url = `mqtts://127.0.0.1:${secure.port}`;
  const mqttOf = async (name: string, caFile: string): Promise<Record<string, unknown>> => {
    const started = await startFleetMonitor(join(folder, name), 0, { mqtt: { url, caFile } });
    t.teardown(() => started.command.kill('SIGKILL'));
    return until(async () => {
      const { connected, problem } = (await statusOf(started))['mqtt'] as Record<string, unknown>;
      return (connected === true || problem !== null) && { connected, problem };
    }, 'it has tried');
  };
  t.match(await mqttOf('right', join(tls, 'ca.pem')), { connected: true });
  t.match(await mqttOf('wrong', join(tls, 'stranger.pem')), {
    connected: false,
    problem: { code: 'unauthorised', field: 'mqtt.caFile' },
  });
});

/** What is named as wrong. */
function fieldOf(work: () => unknown): string | null {
  try {
    work();
  } catch (error) {
    return toProblem(error).field;
  }
  return null;
}

t.test('what contradicts itself in the configuration is told before it starts', (t) => {
  const broker = { ...resolveConfig({}).mqtt, url: 'mqtt://broker.lab' };
  t.doesNotThrow(() => checkBroker(broker));
  t.equal(
    fieldOf(() => checkBroker({ ...broker, caFile: '/ca.pem' })),
    'mqtt.url',
  );
  t.equal(
    fieldOf(() => checkBroker({ ...broker, passwordFile: '/x' })),
    'mqtt.username',
  );
  for (const url of ['http://broker', 'mqtt://me:secret@broker', 'mqtt://broker/path'])
    t.equal(
      fieldOf(() => resolveConfig({ mqtt: { url } })),
      'mqtt.url',
      url,
    );
  t.equal(
    fieldOf(() => resolveConfig({ mqtt: { topicPrefix: 'a/+' } })),
    'mqtt.topicPrefix',
  );
  t.end();
});
