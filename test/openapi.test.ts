import { once } from 'node:events';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import t from 'tap';
import { Cpace } from '../src/access/cpace.js';
import { linkKeyOfToken } from '../src/access/link-key.js';
import {
  aboutController,
  aboutMonitor,
  outcomeOf,
  pairingChannel,
  type PairingOutcome,
} from '../src/access/pairing.js';
import { unsynchronised } from './support/clocks.js';
import { fakeCommands } from './support/fake-commands.js';
import type { Answer, HttpClient } from './support/http-client.js';
import { until } from './support/until.js';
import { lock, passwords } from './support/locked.js';
import { recordFrames, startServer } from './support/server.js';

interface Operation {
  parameters: { name: string; in: 'path' | 'query' }[];
  requestBody?: unknown;
  responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}

/** What a test asks of each operation, besides its path; the operations are the document's. */
interface Asked {
  values?: Record<string, string>;
  /** The operation whose answer had the `{id}`. */
  idFrom?: string;
  query?: string;
  body?: unknown;
  /** The body, made of earlier answers by their operations. */
  bodyOf?: (answers: ReadonlyMap<string, Json>) => unknown;
  /** The body is the checksums of this recording's files. */
  copyOf?: string;
  /** The answer has no end: its head is looked at. */
  endless?: true;
}

const name = 'described';
const file = `${name}_0000.mp4`;

type Json = Record<string, unknown>;

/** A controller that pairs with the monitor. */
const its = { id: 'c', name: 'controller' };
const session = 'a'.repeat(22);
let caller: Cpace;
let outcome: PairingOutcome;

/** In this order, so that each finds what it needs. An operation that is missing here fails the test. */
const asked: Record<string, Asked> = {
  'POST /api/v1/recording': { body: { name, duration: '10m', metadata: { subject: 'm12' } } },
  'POST /api/v1/recording/notes': { body: { text: 'fed' } },
  'POST /api/v1/recording/split': {},
  'DELETE /api/v1/recording': {},
  'GET /api/v1/recordings/{name}': { values: { name } },
  'GET /api/v1/recordings/{name}/certificate.html': { values: { name } },
  'GET /api/v1/files/{recording}/{file}': {
    values: { recording: name, file },
    query: 'download=1',
  },
  'GET /api/v1/recordings/{name}/thumbnail.jpg': { values: { name } },
  'POST /api/v1/recordings/{name}/convert': { values: { name }, body: { kind: 'mp4' } },
  'GET /api/v1/jobs/{id}': { idFrom: 'POST /api/v1/recordings/{name}/convert' },
  'DELETE /api/v1/jobs/{id}': { idFrom: 'POST /api/v1/recordings/{name}/convert' },
  'POST /api/v1/jobs': { body: { kind: 'time-lapse', recordings: ['another'] } },
  'GET /api/v1/recordings.tar': { query: `names=${name},another` },
  'POST /api/v1/recordings/{name}/transferred': { values: { name: 'another' }, copyOf: 'another' },
  'PATCH /api/v1/config': { body: { preview: { fps: 10 } } },
  'PATCH /api/v1/controls': { body: {} },
  'POST /api/v1/presets': { body: { name } },
  'POST /api/v1/presets/{name}/apply': { values: { name } },
  'DELETE /api/v1/presets/{name}': { values: { name } },
  'PATCH /api/v1/schedule': { body: { timeZone: 'Europe/Berlin' } },
  'POST /api/v1/schedule': { body: { title: 'night', from: '20:00', to: '06:00' } },
  'PATCH /api/v1/schedule/{id}': { idFrom: 'POST /api/v1/schedule', body: { enabled: false } },
  'DELETE /api/v1/schedule/{id}': { idFrom: 'POST /api/v1/schedule' },
  'POST /api/v1/session': { body: { password: passwords.operate } },
  'DELETE /api/v1/session': {},
  'POST /api/v1/pairing': { body: {} },
  'POST /api/v1/pairing/exchange': {
    bodyOf: (answers) => {
      const { code } = answers.get('POST /api/v1/pairing')?.['shown'] as { code: string };
      caller = new Cpace(code, pairingChannel, Buffer.from(session, 'base64url'));
      const share = Buffer.from(caller.share).toString('base64url');
      return { session, share, controller: its };
    },
  },
  'POST /api/v1/pairing/confirm': {
    bodyOf: (answers) => {
      const { share, id } = answers.get('POST /api/v1/pairing/exchange') as {
        share: string;
        id: string;
      };
      const theirs = { share: Buffer.from(share, 'base64url'), about: aboutMonitor(id) };
      outcome = outcomeOf(caller.key('initiator', aboutController(its), theirs));
      return { session, proof: outcome.controllerProof };
    },
  },
  'POST /api/v1/handshake': {
    bodyOf: () => ({ key: linkKeyOfToken(outcome.token).name, nonce: session }),
  },
  'GET /api/v1/pairings': {},
  'DELETE /api/v1/pairings/{id}': { idFrom: 'GET /api/v1/pairings' },
  'DELETE /api/v1/pairing': {},
  'POST /api/v1/system/clock': { body: { wallUs: Date.now() * 1000, roundTripMs: 2 } },
  'POST /api/v1/system/restart': { body: {} },
  'POST /api/v1/system/reboot': { body: { confirm: true } },
  'POST /api/v1/system/shutdown': { body: {} },
  'PATCH /api/v1/streaming': { body: { on: true } },
  'GET /snapshot.jpg': { query: 'width=320' },
  'GET /stream.mjpg': { endless: true },
  'GET /stream.mp4': { endless: true },
  'DELETE /api/v1/recordings/{name}': { values: { name }, query: `confirm=${name}` },
};

t.test('the description is valid, whole, and true of every operation', async (t) => {
  const server = await startServer({}, { clockState: () => unsynchronised() });
  t.teardown(() => server.close());
  await recordFrames(server, 5, { name: 'another' });
  const commands = await fakeCommands('date', 'systemctl');
  t.teardown(() => commands.remove());
  await lock(server);
  const signIn = { body: { password: passwords.operate } };
  const { headers } = await server.client.send('POST', '/api/v1/session', signIn);
  const client = server.client.with({ Cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' });
  const document = (await client.get('/openapi.json')).json();

  const { valid, errors } = await new Validator().validate(structuredClone(document));
  t.ok(valid, JSON.stringify(errors));

  const paths = document['paths'] as Record<string, Record<string, Operation>>;
  const operations = new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => [`${method.toUpperCase()} ${path}`, one]),
    ),
  );
  const routes = server.routes.map(
    ({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
  );
  t.same([...operations.keys()].sort(), routes.sort(), 'every route is in it, and nothing else');

  const ids = new Map<string, string>();
  const answers = new Map<string, Json>();
  const check = responseChecker(document);
  const order = [...new Set([...Object.keys(asked), ...operations.keys()])];
  for (const key of order) {
    const operation = operations.get(key);
    if (operation === undefined) {
      t.fail(`${key} is asked for, but not described`);
      continue;
    }
    const { idFrom, query = '', endless, ...rest } = asked[key] ?? {};
    const body =
      rest.copyOf === undefined
        ? (rest.bodyOf?.(answers) ?? rest.body)
        : await copyOf(client, rest.copyOf);
    const id = idFrom === undefined ? {} : { id: ids.get(idFrom) ?? '' };
    const values: Record<string, string> = { ...rest.values, ...id };
    const unnamed = operation.parameters.filter(
      (one) => one.in === 'path' && !(one.name in values),
    );
    const [method = '', template = ''] = key.split(' ');
    if (unnamed.length > 0 || (method !== 'GET' && asked[key] === undefined)) {
      t.fail(`${key} is described, but this test does not know what to ask`);
      continue;
    }
    const path = template.replace(/\{(\w+)\}/g, (_, one: string) => values[one] ?? '');
    const url = `${path}${query && `?${query}`}`;
    if ('101' in operation.responses) {
      const socket = client.socket(url);
      await once(socket, 'open');
      socket.close();
      continue;
    }
    const sending = body === undefined ? {} : { body };
    const answer = await (endless ? client.begin(url) : client.send(method, url, sending));
    t.equal(check(operation, answer), null, key);
    if (!String(answer.headers['content-type']).startsWith('application/json')) continue;
    const json = answer.json();
    answers.set(key, json);
    const [first] = (json['items'] as { id?: unknown }[] | undefined) ?? [];
    ids.set(key, String(json['id'] ?? first?.id));
  }
});

/** What says that there is a copy of a recording, once its checksums are known. */
async function copyOf(client: HttpClient, recording: string): Promise<unknown> {
  return until(async () => {
    const certificate = (await client.get(`/api/v1/recordings/${recording}`)).json();
    const files = (certificate['files'] as { path: string; sha256: string | null }[]).map(
      ({ path, sha256 }) => ({ path, sha256 }),
    );
    return files.every(({ sha256 }) => sha256 !== null) && { files };
  }, 'the checksums are known');
}

/** Says what in an answer is not as its operation describes it where all goes well; null: nothing. */
function responseChecker(document: Record<string, unknown>) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ ...document, $id: 'api' });
  const compiled = (schema: object): ValidateFunction =>
    ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object);
  return ({ responses }: Operation, { status, headers, bytes }: Answer): string | null => {
    const described = responses[status];
    if (described === undefined) return `status ${status}: ${bytes.toString()}`;
    const { content } = described;
    if (content === undefined) return bytes.length === 0 ? null : 'it has a body';
    const type = (headers['content-type'] ?? '').split(';')[0] ?? '';
    const media = content[type] ?? content['*/*'];
    if (media === undefined) return `the type ${type}`;
    if (media.schema === undefined) return null;
    const validate = compiled(media.schema);
    return validate(JSON.parse(bytes.toString())) ? null : ajv.errorsText(validate.errors);
  };
}
