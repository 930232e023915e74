import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ConfigSchema } from '../src/config/schema.js';
import { ControllerSchema } from '../src/controller/settings.js';
import { PlanSchema } from '../src/rehearsal/plan.js';
import { commandsIn, KnownCommands } from './support/commands-named.js';
import { startController, tempFolder } from './support/fleet.js';
import {
  linksOf,
  projectPaths,
  quotedIn,
  readGuides,
  root,
  type Guide,
  type Quoted,
} from './support/guides.js';
import { startServer } from './support/server.js';

/** The guides name only what exists: files, commands and their options, settings, calls of the API. */

const paths = await projectPaths();
const guides = await readGuides(paths);
const quoted = guides.flatMap((guide) => quotedIn(guide).map((one) => ({ ...one, guide })));

async function texts(pattern: RegExp): Promise<string> {
  return (
    await Promise.all(
      paths.filter((path) => pattern.test(path)).map((path) => readFile(join(root, path), 'utf8')),
    )
  ).join('\n');
}

/** Fails with all that is missing at once. `least`: fewer names looked at mean a reader that fails. */
function allThere(t: Test, looked: number, missing: readonly string[], least: number) {
  t.ok(looked >= least, `${looked} names were looked at`);
  t.same(missing, [], 'all of them exist');
  t.end();
}

t.test('files and folders', async (t) => {
  const sources = await texts(/^(src|services)\/.*\.(ts|sh|service)$/);
  const isPath =
    /^(?!\/|~|\.\/)[\w.*@{},-]+(\/[\w.*{},-]+)*(\/|\.(ts|tsx|mjs|sh|cc|h|\*|html|css|gyp|md|txt|json|service|rules))$/;
  const named = quoted.filter(({ text, block }) => block === null && isPath.test(text));
  const missing = named.filter(({ text, guide }) => !isThere(text, guide, sources));
  const links = guides.flatMap((guide) => linksOf(guide).map((target) => ({ target, guide })));
  const broken = links.filter(({ target, guide }) => !existsSync(join(root, guide.folder, target)));
  allThere(
    t,
    named.length + links.length,
    [
      ...missing.map(({ where, text }) => `${where} ${text}`),
      ...broken.map(({ guide, target }) => `${guide.path} ](${target})`),
    ],
    250,
  );
});

/** From the guide's folder, from below it, or from the top; else the program makes it, and names it itself. */
function isThere(name: string, { folder }: Guide, sources: string): boolean {
  const pattern = name
    .replace(/[.]/g, '\\.')
    .replaceAll('*', '[^/]*')
    .replace(/\{([\w,]+)\}/g, (_, some: string) => `(${some.replaceAll(',', '|')})`);
  const fromTop = new RegExp(`^${pattern}$`);
  const below = new RegExp(`^${folder}(.*/)?${pattern}$`);
  if (paths.some((path) => fromTop.test(path) || below.test(path))) return true;
  if (name.startsWith('build/') || name.startsWith('node_modules/')) {
    return existsSync(join(root, name));
  }
  const parts = name.split('/').filter((part) => /^[a-z]/.test(part));
  return (
    /\/$|\.json$/.test(name) &&
    parts.every((part) => new RegExp(`['"\`/]${part}['"\`/]`).test(sources))
  );
}

t.test('commands and options', async (t) => {
  const known = await KnownCommands.read(paths);
  const problems: string[] = [];
  let looked = 0;
  for (const { text, where, block, rowOf } of quoted) {
    if (block !== null && block !== 'sh') continue;
    const calls = text.startsWith('--')
      ? [{ name: rowOf.map(commandsIn).flat()[0]?.name ?? 'any', words: text.split(/[ |]+/) }]
      : commandsIn(text);
    for (const call of calls) {
      looked++;
      const wrong = known.wrongIn(call);
      if (wrong !== null) problems.push(`${where} ${text}: ${wrong}`);
    }
  }
  allThere(t, looked, problems, 100);
});

t.test('settings, fields and blocks of JSON', async (t) => {
  const schemas: Json[] = [ConfigSchema, ControllerSchema, PlanSchema];
  const documents = await apiDocuments(t);
  const fields = [...schemas, ...documents].flatMap((schema) => [...fieldPaths(schema)]);
  const isField = /^[a-z][a-z]+[A-Za-z]*(\.[a-z]\w+)+$/;
  const named = quoted.filter(
    ({ text, block }) => block === null && isField.test(text) && !isOtherDotted.test(text),
  );
  const missing = named.filter(
    ({ text }) => !fields.some((field) => `.status.${field}`.endsWith(`.${text}`)),
  );
  const blocks = quoted.filter(({ block }) => block === 'json');
  const unknown = blocks.filter(
    ({ text }) => !schemas.some((schema) => knowsAll(schema, JSON.parse(text))),
  );
  allThere(
    t,
    named.length + blocks.length,
    [...missing, ...unknown].map(({ where, text }) => `${where} ${text}`),
    15,
  );
});

/** Names of files and hosts, members of TypeScript's objects, words of the page. */
const isOtherDotted =
  /\.(ts|tsx|mjs|js|cc|c|h|sh|html|css|gyp|md|txt|json|yaml|tar|service|rules|local|mp4)$|^(fs|listener|errors)\./;

t.test('calls of the API', async (t) => {
  const documents = await apiDocuments(t);
  const operations = documents.flatMap(({ paths }) =>
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    ),
  );
  const calls = callsIn(quoted);
  const pages = paths.flatMap((path) => /^web(\/\w+\.html)$/.exec(path)?.[1] ?? []);
  const known = [...operations, ...pages.map((page) => `GET ${page}`)];
  const missing = calls.filter(({ call }) => !known.some((one) => isCallOf(call, one)));
  allThere(
    t,
    calls.length,
    missing.map(({ where, call }) => `${where} ${call}`),
    50,
  );
});

type Json = Record<string, unknown>;

interface ApiDocument extends Json {
  paths: Record<string, Json>;
}

/** The monitor's description of its API, and the controller's. */
async function apiDocuments(t: Test): Promise<ApiDocument[]> {
  const server = await startServer();
  const { folder, remove } = await tempFolder();
  const controller = await startController(folder, { discovery: false });
  t.teardown(async () => {
    await controller.stop();
    await server.close();
    await remove();
  });
  const documents = await Promise.all(
    [server, controller].map(({ client }) => client.get('/openapi.json')),
  );
  return documents.map((answer) => answer.json() as ApiDocument);
}

/** The names of all fields below a schema or a document of them, as `server.tls.cert`. */
function* fieldPaths(schema: unknown, prefix = ''): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key !== 'properties') yield* fieldPaths(value, prefix);
    else {
      for (const [name, field] of Object.entries(value as Json)) {
        const path = prefix === '' ? name : `${prefix}.${name}`;
        yield path;
        yield* fieldPaths(field, path);
      }
    }
  }
}

/** Whether a schema knows each field of a value; names in a record are the user's. */
function knowsAll(schema: Json, value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => knowsAll(schema['items'] as Json, one));
  if (typeof value !== 'object' || value === null) return true;
  const fields = (schema['properties'] ?? {}) as Record<string, Json>;
  const [ofRecord] = Object.values((schema['patternProperties'] ?? {}) as Record<string, Json>);
  return Object.entries(value).every(([name, one]) => {
    const field = fields[name] ?? ofRecord;
    return field !== undefined && knowsAll(field, one);
  });
}

/** Calls as the guides write them: `GET`, `PATCH /config`; `WS /events?since=ID`; `/metrics`. */
function callsIn(all: readonly Quoted[]): { call: string; where: string }[] {
  const calls: { call: string; where: string }[] = [];
  let methods: string[] = [];
  for (const { text, where, block } of all) {
    const [, method, path] = /^(?:(GET|POST|PATCH|DELETE|WS)(?: |$))?(\/.*)?$/.exec(text) ?? [];
    if (block !== null || (method === undefined && path === undefined)) methods = [];
    else if (path === undefined) methods.push(method ?? '');
    else if (!isOfTheSystem.test(path)) {
      const every = [...methods, ...(method === undefined ? [] : [method])];
      for (const one of every.length === 0 ? ['GET'] : every) {
        calls.push({ call: `${one === 'WS' ? 'GET' : one} ${path}`, where });
      }
      methods = [];
    }
  }
  return calls;
}

const isOfTheSystem = /^\/(etc|usr|var|opt|dev|boot|\d+|api\/v1)($|\/(?!v1))/;

/** Whether a call, with or without `/api/v1` and with any names in its path, is one of the operation. */
function isCallOf(call: string, operation: string): boolean {
  const [method = '', target = ''] = call.split(' ');
  const parts = target.replace(/\?.*/, '').split('/');
  const template = operation.replace(/^\w+ /, '').split('/');
  const wanted = parts.length < template.length ? ['', 'api', 'v1', ...parts.slice(1)] : parts;
  return (
    operation.startsWith(`${method} `) &&
    wanted.length === template.length &&
    wanted.every((part, i) => {
      const there = template[i] ?? '';
      return there === part || (there.startsWith('{') && /^(\{\w+\}|[A-Z]+)$/.test(part));
    })
  );
}
