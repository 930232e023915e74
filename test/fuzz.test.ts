import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t from 'tap';
import { fakeCommands } from './support/fake-commands.js';
import type { Answer, HttpClient, Sending } from './support/http-client.js';
import { Random } from './support/random.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';

/**
 * Nonsense for every operation of the API's description and both sockets: whatever comes, the server
 * answers, never with 500, and goes on. FUZZ_SEED repeats a run.
 */

const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const roundsPerOperation = 12;

interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
}

interface Operation {
  parameters: { name: string; in: 'path' | 'query'; schema: Schema }[];
  requestBody?: { content: { 'application/json': { schema: Schema } } };
  responses: Record<string, unknown>;
}

const oddTexts = [
  '',
  '..',
  '../../etc/passwd',
  '\u0000',
  '\ud800',
  'NaN',
  '-1',
  '1e999',
  '😀'.repeat(50),
  'x'.repeat(3000),
  '{{{',
  '%00%ff',
  '__proto__',
  'constructor',
] as const;

const oddValues = [null, true, -1, 0, 1e308, -0.5, [], {}, [[[[]]]], { length: 9 }] as const;

/** A value for a schema: right, nearly right, or nothing like it. */
function valueFor(schema: Schema, random: Random, depth = 0): unknown {
  const dice = random.next();
  if (dice < 0.15) return random.pick(oddValues);
  if (dice < 0.3) return random.pick(oddTexts);
  if (schema.enum !== undefined) return schema.enum[random.below(schema.enum.length)];
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {})
        .filter(() => random.next() < 0.7)
        .map(([key, one]) => [key, valueFor(one, random, depth + 1)]);
      const odd = random.next() < 0.2 ? [[random.pick(oddTexts), 1]] : [];
      return Object.fromEntries([...fields, ...odd] as [string, unknown][]);
    }
    case 'array':
      return Array.from({ length: random.below(4) }, () =>
        valueFor(schema.items ?? {}, random, depth + 1),
      );
    case 'integer':
    case 'number':
      return random.pick([schema.minimum ?? 0, (schema.maximum ?? 9) + 1, 1, 2.5]);
    case 'boolean':
      return random.next() < 0.5;
    default:
      return random.pick(['a', 'synthetic', '10s', '12:00', 'Europe/Berlin', ...oddTexts]);
  }
}

/** Bodies that are wrong before anyone looks at their fields. */
function brokenBody(random: Random): Sending {
  const type = random.pick(['application/json', 'text/plain', 'multipart/form-data', '']);
  const raw = random.pick<string | Buffer>([
    '{',
    '[[',
    '"',
    Buffer.from([0xff, 0xfe, 0x00, 0xd8]),
    Buffer.alloc(200_000, 0x20),
    '['.repeat(20_000),
    '{"a":1}\u0000',
  ]);
  return { raw, headers: { 'Content-Type': type } };
}

function send(client: HttpClient, method: string, path: string, sending: Sending): Promise<Answer> {
  return method === 'GET' ? client.begin(path) : client.send(method, path, sending);
}

let server: TestServer;

t.before(async () => {
  const commands = await fakeCommands('date', 'systemctl');
  server = await startServer();
  t.teardown(async () => {
    await server.close();
    await commands.remove();
  });
});

t.test(`every operation, seed ${seed}`, async (t) => {
  const { client } = server;
  const random = new Random(seed);
  const document = (await client.get('/openapi.json')).json();
  const paths = document['paths'] as Record<string, Record<string, Operation>>;
  let asked = 0;
  for (const [template, methods] of Object.entries(paths)) {
    for (const [name, operation] of Object.entries(methods)) {
      const method = name.toUpperCase();
      for (let round = 0; round < roundsPerOperation; round++) {
        const given = operation.parameters.map((one) => {
          const value = String(valueFor(one.schema, random)).replace(/[\ud800-\udfff]/gu, '');
          return { ...one, value: encodeURIComponent(value.slice(0, 2000)) };
        });
        const query = given.filter((one) => one.in === 'query' && random.next() < 0.6);
        const path =
          template.replace(/\{(\w+)\}/g, (_, key: string) => {
            return given.find((one) => one.name === key)?.value ?? 'x';
          }) +
          (query.length > 0 ? '?' : '') +
          query.map((one) => `${one.name}=${one.value}`).join('&');
        const schema = operation.requestBody?.content['application/json'].schema ?? {};
        const body = random.next() < 0.3 ? brokenBody(random) : { body: valueFor(schema, random) };
        const answer = await send(client, method, path, body);
        asked++;
        const said = `${method} ${path.slice(0, 200)}: ${answer.bytes.toString().slice(0, 300)}`;
        if (answer.status === 500) t.fail(said);
      }
    }
  }
  t.ok(asked > 300, `${asked} requests were answered, none with 500`);
  t.equal((await client.get('/api/v1/status')).status, 200, 'it goes on');
});

t.test('both sockets: messages nobody speaks', async (t) => {
  const { client } = server;
  const random = new Random(seed);
  for (const path of ['/api/v1/preview?ack=1', '/api/v1/preview', '/api/v1/events?since=0']) {
    for (let round = 0; round < 8; round++) {
      const socket = client.socket(path);
      await once(socket, 'open');
      const closed = once(socket, 'close');
      const length = random.pick([0, 1, 3, 4, 5, 64, 65, 70_000]);
      const bytes = Buffer.from(Array.from({ length }, () => random.below(256)));
      socket.send(random.next() < 0.3 ? 'text' : bytes);
      socket.ping();
      socket.send('x'.repeat(1000)); // longer than any message is allowed to be
      await closed;
    }
  }
  t.equal((await client.get('/api/v1/status')).status, 200);
});

function raw(text: string | Buffer): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.client.port, '127.0.0.1', () => {
      socket.write(text);
      resolve(socket);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });
}

t.test('half requests, slow bodies, and 500 connections', async (t) => {
  const { client } = server;
  const host = `Host: ${client.host}\r\n`;
  const json = 'Content-Type: application/json\r\n';
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
  const openings = [
    '',
    'G',
    'GET /api/v1/status HTTP/1.1\r\n',
    `POST /api/v1/recording HTTP/1.1\r\n${host}${json}Content-Length: 60000\r\n\r\n{`,
    `POST /api/v1/recording HTTP/1.1\r\n${host}${json}Transfer-Encoding: chunked\r\n\r\n5\r\n{`,
    `POST /api/v1/recording HTTP/1.1\r\n${host}${json}Content-Length: -1\r\n\r\n{}`,
    `POST /api/v1/recording HTTP/1.1\r\n${host}${json}Content-Length: 99999999999999999999\r\n\r\n`,
    `GET /stream.mjpg HTTP/1.1\r\n${host}\r\n`,
    `GET /api/v1/events HTTP/1.1\r\n${host}${upgrade}Sec-WebSocket-Key: AAAA\r\n\r\n`,
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]), // TLS to a port without it
    'x'.repeat(70_000),
  ];
  const before = process.memoryUsage().rss;
  const sockets = await Promise.all(
    Array.from({ length: 500 }, (_, i) => raw(openings[i % openings.length] ?? '')),
  );
  const asked = performance.now();
  t.equal((await client.get('/api/v1/status')).status, 200, 'others are served');
  t.comment(`answered in ${Math.round(performance.now() - asked)} ms`);
  const grownMb = (process.memoryUsage().rss - before) / 2 ** 20;
  t.ok(grownMb < 150, `${Math.round(grownMb)} MB more for 500 connections`);
  for (const socket of sockets) socket.destroy();
  await until(async () => {
    const { preview } = (await client.get('/api/v1/status')).json();
    return (preview as { viewers: number }).viewers === 0;
  }, 'nobody watches any more');
});
