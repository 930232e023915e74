import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { Once } from '../src/http/once.js';
import { noContent, type Reply } from '../src/http/reply.js';
import { recordFrames, startServer } from './support/server.js';
import type { Answer, Sending } from './support/http-client.js';
import { until } from './support/until.js';

const run = promisify(execFile);
const json = { 'Content-Type': 'application/json' };

t.test('bad input changes nothing and is named', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  await recordFrames(server, 5, { name: 'kept' });
  const long = 'x'.repeat(200_000);

  const cases: [request: string, sending: Sending, status: number, code: string, field?: string][] =
    [
      // bodies that cannot be read
      ['POST /api/v1/recording', { raw: '{', headers: json }, 400, 'malformed'],
      ['POST /api/v1/recording', { raw: '{"name":"a"}{}', headers: json }, 400, 'malformed'],
      [
        'POST /api/v1/recording',
        { raw: '{}', headers: { 'Content-Type': 'text/plain' } },
        415,
        'unsupported-type',
      ],
      ['POST /api/v1/recording', { raw: 'name=a' }, 415, 'unsupported-type'],
      ['POST /api/v1/recording', { body: { name: long } }, 413, 'too-large'],
      ['PATCH /api/v1/config', { body: { camera: { id: long } } }, 413, 'too-large'],
      ['PATCH /api/v1/controls', { raw: '[[[[', headers: json }, 400, 'malformed'],
      [
        'PATCH /api/v1/config',
        { raw: '{"__proto__":{"a":1}}', headers: json },
        422,
        'unknown-field',
        '__proto__',
      ],
      // POST /recording
      ['POST /api/v1/recording', { body: [] }, 422, 'invalid-value'],
      ['POST /api/v1/recording', { body: 'a' }, 422, 'invalid-value'],
      ['POST /api/v1/recording', { body: null }, 422, 'invalid-value'],
      ['POST /api/v1/recording', { body: { name: 5 } }, 422, 'invalid-value', 'name'],
      ['POST /api/v1/recording', { body: { name: '' } }, 422, 'invalid-value', 'name'],
      ['POST /api/v1/recording', { body: { name: '../up' } }, 422, 'name-invalid', 'name'],
      ['POST /api/v1/recording', { body: { name: '.hidden' } }, 422, 'name-invalid', 'name'],
      ['POST /api/v1/recording', { body: { name: 'a/b' } }, 422, 'name-invalid', 'name'],
      ['POST /api/v1/recording', { body: { name: 'a\u0000b' } }, 422, 'name-invalid', 'name'],
      ['POST /api/v1/recording', { body: { name: 'x'.repeat(151) } }, 422, 'name-invalid', 'name'],
      ['POST /api/v1/recording', { body: { duration: 'soon' } }, 422, 'invalid-value', 'duration'],
      ['POST /api/v1/recording', { body: { duration: 0 } }, 422, 'invalid-value', 'duration'],
      ['POST /api/v1/recording', { body: { duration: -5 } }, 422, 'invalid-value', 'duration'],
      ['POST /api/v1/recording', { body: { duration: true } }, 422, 'invalid-value', 'duration'],
      ['POST /api/v1/recording', { body: { duration: 1e300 } }, 422, 'invalid-value', 'duration'],
      ['POST /api/v1/recording', { body: { metadata: [] } }, 422, 'invalid-value', 'metadata'],
      [
        'POST /api/v1/recording',
        { body: { metadata: { subject: {} } } },
        422,
        'invalid-value',
        'metadata.subject',
      ],
      [
        'POST /api/v1/recording',
        { body: { metadata: { '../x': '' } } },
        422,
        'invalid-value',
        'metadata',
      ],
      ['POST /api/v1/recording', { body: { colour: 1 } }, 422, 'unknown-field', 'colour'],
      ['POST /api/v1/recording?now=1', {}, 422, 'unknown-field', 'now'],
      ['DELETE /api/v1/recording', {}, 409, 'not-recording'],
      // /recordings and /files
      ['GET /api/v1/recordings?page=2', {}, 422, 'unknown-field', 'page'],
      ['GET /api/v1/recordings/nothing', {}, 404, 'not-found'],
      ['GET /api/v1/recordings/%2e%2e', {}, 404, 'not-found'],
      ['GET /api/v1/recordings/%ff', {}, 400, 'malformed'],
      ['DELETE /api/v1/recordings/nothing?confirm=nothing', {}, 404, 'not-found'],
      ['DELETE /api/v1/recordings/kept', {}, 422, 'invalid-value', 'confirm'],
      ['DELETE /api/v1/recordings/kept?confirm=Kept', {}, 422, 'invalid-value', 'confirm'],
      ['DELETE /api/v1/recordings/kept?confirm=kept&confirm=kept', {}, 400, 'malformed', 'confirm'],
      ['DELETE /api/v1/recordings/..%2f..?confirm=..%2f..', {}, 404, 'not-found'],
      ['GET /api/v1/files/kept/kept_0000.mp4?download=yes', {}, 422, 'invalid-value', 'download'],
      // /config
      [
        'PATCH /api/v1/config',
        { body: { camera: { fps: 0 } } },
        422,
        'invalid-value',
        'camera.fps',
      ],
      [
        'PATCH /api/v1/config',
        { body: { camera: { fps: 1e9 } } },
        422,
        'invalid-value',
        'camera.fps',
      ],
      [
        'PATCH /api/v1/config',
        { body: { camera: { fps: '30' } } },
        422,
        'invalid-value',
        'camera.fps',
      ],
      [
        'PATCH /api/v1/config',
        { body: { camera: { width: 321 } } },
        422,
        'invalid-value',
        'camera.width',
      ],
      ['PATCH /api/v1/config', { body: { camera: [] } }, 422, 'invalid-value', 'camera'],
      [
        'PATCH /api/v1/config',
        { body: { preview: { quality: 1000 } } },
        422,
        'invalid-value',
        'preview.quality',
      ],
      [
        'PATCH /api/v1/config',
        { body: { recording: { duration: '1y' } } },
        422,
        'invalid-value',
        'recording.duration',
      ],
      [
        'PATCH /api/v1/config',
        { body: { encoder: { kind: 'rm -rf' } } },
        422,
        'invalid-value',
        'encoder.kind',
      ],
      ['PATCH /api/v1/config', { body: { nonsense: 1 } }, 422, 'unknown-field', 'nonsense'],
      [
        'PATCH /api/v1/config',
        { body: { server: { port: 80 } } },
        403,
        'not-settable-remotely',
        'server.port',
      ],
      [
        'PATCH /api/v1/config',
        { body: { dataFolder: '/etc' } },
        403,
        'not-settable-remotely',
        'dataFolder',
      ],
      [
        'PATCH /api/v1/config',
        { body: { camera: { id: 'no such camera' } } },
        422,
        'camera-unknown',
        'camera.id',
      ],
      ['GET /api/v1/config?x', {}, 422, 'unknown-field', 'x'],
      // /controls
      [
        'PATCH /api/v1/controls',
        { body: { Brightness: 7 } },
        422,
        'invalid-value',
        'controls.Brightness',
      ],
      [
        'PATCH /api/v1/controls',
        { body: { Brightness: 'bright' } },
        422,
        'invalid-value',
        'controls.Brightness',
      ],
      ['PATCH /api/v1/controls', { body: { Brightness: {} } }, 422, 'invalid-value', 'Brightness'],
      ['PATCH /api/v1/controls', { body: { Nope: 1 } }, 422, 'invalid-value', 'controls.Nope'],
      // pictures
      ['GET /snapshot.jpg?width=abc', {}, 422, 'invalid-value', 'width'],
      ['GET /snapshot.jpg?width=63', {}, 422, 'invalid-value', 'width'],
      ['GET /snapshot.jpg?width=99999999', {}, 422, 'invalid-value', 'width'],
      ['GET /stream.mjpg?fps=0', {}, 422, 'invalid-value', 'fps'],
      ['GET /api/v1/preview', {}, 400, 'malformed'],
      ['GET /api/v1/events', {}, 400, 'malformed'],
      // paths and methods
      ['GET /nothing', {}, 404, 'not-found'],
      ['GET /api/v2/status', {}, 404, 'not-found'],
      ['GET /api/v1/status/', {}, 404, 'not-found'],
      ['POST /api/v1/status', { body: {} }, 405, 'method-not-allowed'],
      ['PUT /api/v1/config', { body: {} }, 405, 'method-not-allowed'],
      ['GET /api/v1/recording', {}, 405, 'method-not-allowed'],
      ['TRACE /api/v1/status', {}, 405, 'method-not-allowed'],
      ['PATCH /nothing', { body: {} }, 404, 'not-found'],
      // the guard stands before all of them
      ['GET /api/v1/status', { headers: { Host: 'evil.example' } }, 421, 'forbidden-host'],
      ['GET /', { headers: { Host: 'evil.example' } }, 421, 'forbidden-host'],
      [
        'POST /api/v1/recording',
        { headers: { Origin: 'http://evil.example' } },
        403,
        'forbidden-origin',
      ],
      ['POST /api/v1/recording', { headers: { Origin: 'null' } }, 403, 'forbidden-origin'],
    ];
  const before = { settings: structuredClone(monitor.settings), controls: monitor.controls() };
  for (const [request, sending, status, code, field] of cases) {
    const [method = '', path = ''] = request.split(' ');
    const answer = await client.send(method, path, sending);
    const sent = JSON.stringify(sending).slice(0, 80);
    t.equal(answer.status, status, `${request} ${sent}: ${answer.bytes.toString()}`);
    t.equal(answer.headers['content-type'], 'application/problem+json');
    t.match(answer.json(), { type: 'about:blank', status, code, field: field ?? null });
    if (status === 405) t.ok(answer.headers.allow);
  }
  t.strictSame(monitor.settings, before.settings);
  t.strictSame(monitor.controls(), before.controls);
  t.equal(monitor.status().state, 'idle');
  t.equal((await monitor.library.list()).length, 1, 'nothing was recorded or removed');
  const errors = monitor.events.since(0).filter(({ type }) => type === 'error');
  t.ok(
    errors.some(({ data }) => data['code'] === 'camera-unknown'),
    'a camera that fails is an event',
  );

  const upgrades: [path: string, headers: Record<string, string>, status: number][] = [
    ['/api/v1/preview?codec=h265', {}, 422],
    ['/api/v1/preview?width=-1', {}, 422],
    ['/api/v1/preview?ack=2', {}, 422],
    ['/api/v1/preview?nope=1', {}, 422],
    ['/api/v1/events?since=yesterday', {}, 422],
    ['/api/v1/events?since=-1', {}, 422],
    ['/api/v1/preview', { Origin: 'http://evil.example' }, 403],
    ['/api/v1/events', { Origin: 'null' }, 403],
    ['/api/v1/events', { Host: 'evil.example' }, 421],
    ['/api/v1/nothing', {}, 404],
  ];
  for (const [path, headers, status] of upgrades) {
    const socket = client.socket(path, headers);
    socket.on('error', () => undefined);
    const refused = await new Promise((resolve) => {
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
      socket.on('open', () => resolve('open'));
    });
    t.equal(refused, status, `WebSocket ${path} ${JSON.stringify(headers)}`);
    socket.terminate();
  }
});

t.test('requests that break off leave the server well', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client } = server;
  const head = (length: number): string =>
    `POST /api/v1/recording HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  for (const sent of [
    head(100),
    `${head(100)}{"na`,
    'GET /api/v1/files/a/b HT',
    'nonsense\r\n\r\n',
    '\u0000\u0001',
  ]) {
    const socket = connect(client.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.write(sent, () => resolve()));
    socket.destroy();
  }
  const abort = new AbortController();
  const gone = fetch(`http://${client.host}/snapshot.jpg`, { signal: abort.signal }).catch(
    () => null,
  );
  abort.abort();
  await gone;
  t.equal((await client.get('/healthz')).status, 200);
  t.equal((await client.get('/api/v1/status')).json()['state'], 'idle');
});

t.test('the page and what every answer carries', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client } = server;
  const root = await client.get('/');
  t.equal(root.status, 302);
  t.equal(root.headers.location, '/monitor.html');

  const page = await client.get('/monitor.html');
  t.equal(page.status, 200);
  t.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  t.equal(page.headers['x-content-type-options'], 'nosniff');
  t.match(page.headers['content-security-policy'], /default-src 'self'.*frame-ancestors 'none'/);
  t.notMatch(page.headers['content-security-policy'], /unsafe/);
  const tag = page.headers.etag ?? '';
  t.equal((await client.get('/monitor.html', { 'If-None-Match': tag })).status, 304);
  const head = await client.send('HEAD', '/monitor.html');
  t.equal(head.headers['content-length'], String(page.bytes.length));
  t.equal(head.bytes.length, 0);

  const status = await client.get('/api/v1/status');
  t.equal(status.headers['cache-control'], 'no-store');
  t.equal(status.headers['x-content-type-options'], 'nosniff');
  const headOfStatus = await client.send('HEAD', '/api/v1/status');
  t.equal(headOfStatus.status, 200);
  t.equal(headOfStatus.bytes.length, 0);
});

t.test('files', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const certificate = await recordFrames(server, 60, {
    name: 'film',
    metadata: { subject: 'm12' },
  });
  const recordings = monitor.recordings.folder;
  const bytes = await readFile(join(recordings, 'film', 'film_0000.mp4'));
  const path = '/api/v1/files/film/film_0000.mp4';
  const size = bytes.length;
  t.match(certificate, { name: 'film', metadata: { subject: 'm12' }, files: [{ bytes: size }] });

  t.test('whole', async (t) => {
    const whole = await client.get(path);
    t.equal(whole.status, 200);
    t.ok(whole.bytes.equals(bytes));
    t.match(whole.headers, { 'content-type': 'video/mp4', 'accept-ranges': 'bytes' });
    t.notOk(whole.headers['content-disposition']);
    const saved = await client.get(`${path}?download=1`);
    t.equal(saved.headers['content-disposition'], 'attachment; filename="film_0000.mp4"');
    const head = await client.send('HEAD', path);
    t.equal(head.headers['content-length'], String(size));
    t.equal(head.bytes.length, 0);
    t.equal((await client.send('POST', path)).status, 405);
  });

  t.test('ranges', async (t) => {
    const cases: [range: string, status: number, first: number, last: number][] = [
      ['bytes=0-0', 206, 0, 0],
      ['bytes=10-19', 206, 10, 19],
      ['bytes=100-', 206, 100, size - 1],
      ['bytes=-50', 206, size - 50, size - 1],
      [`bytes=0-${size * 9}`, 206, 0, size - 1],
      [`bytes=-${size * 9}`, 206, 0, size - 1],
      [`bytes=${size - 1}-`, 206, size - 1, size - 1],
      // not understood, so the whole
      ['bytes=9-5', 200, 0, size - 1],
      ['bytes=-', 200, 0, size - 1],
      ['bytes=0-1,5-9', 200, 0, size - 1],
      ['lines=0-1', 200, 0, size - 1],
    ];
    for (const [range, status, first, last] of cases) {
      const part = await client.get(path, { Range: range });
      t.equal(part.status, status, range);
      t.ok(part.bytes.equals(bytes.subarray(first, last + 1)), range);
      if (status === 206) t.equal(part.headers['content-range'], `bytes ${first}-${last}/${size}`);
    }
    for (const range of [`bytes=${size}-`, `bytes=${size + 5}-${size + 9}`, 'bytes=-0']) {
      const refused = await client.get(path, { Range: range });
      t.equal(refused.status, 416, range);
      t.equal(refused.headers['content-range'], `bytes */${size}`);
      t.match(refused.json(), { code: 'range-not-satisfiable' });
    }
  });

  t.test('conditions', async (t) => {
    const tag = (await client.get(path)).headers.etag ?? '';
    t.match(tag, /^"[^"]+"$/);
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      t.equal((await client.get(path, { 'If-None-Match': header })).status, 304, header);
    }
    t.equal((await client.get(path, { 'If-None-Match': '"other"' })).status, 200);
    t.equal((await client.get(path, { Range: 'bytes=0-9', 'If-Range': tag })).status, 206);
    t.equal((await client.get(path, { Range: 'bytes=0-9', 'If-Range': '"other"' })).status, 200);
  });

  t.test('only what a certificate names', async (t) => {
    await writeFile(join(recordings, 'film', 'other.mp4'), 'x');
    await writeFile(join(recordings, 'loose.mp4'), 'x');
    await mkdir(join(recordings, 'stranger'));
    await writeFile(join(recordings, 'stranger', 'stranger_0000.mp4'), 'x');
    await symlink('/etc', join(recordings, 'etc'));
    await symlink(join(recordings, 'film'), join(recordings, 'alias'));
    for (const file of [
      'film/other.mp4',
      'film/film.json',
      'film/..%2f..%2fidentity.json',
      'film/%2e%2e',
      '../config.json',
      '..%2f/config.json',
      'stranger/stranger_0000.mp4',
      'etc/passwd',
      'alias/film_0000.mp4',
      'film/film_0000.mp4%00',
      '/etc%2fpasswd',
      './loose.mp4',
    ]) {
      t.equal((await client.get(`/api/v1/files/${file}`)).status, 404, file);
    }
    await recordFrames(server, 5, { name: 'linked' });
    const linked = join(recordings, 'linked', 'linked_0000.mp4');
    await rename(linked, `${linked}.away`);
    await symlink('/etc/passwd', linked);
    t.equal((await client.get('/api/v1/files/linked/linked_0000.mp4')).status, 404, 'a symlink');
  });

  t.test('while it is recorded, and its removal', async (t) => {
    t.equal(
      (await client.send('POST', '/api/v1/recording', { body: { name: 'growing' } })).status,
      201,
    );
    const part = '/api/v1/files/growing/growing_0000.mp4';
    const one = await until(async () => {
      const answer = await client.get(part);
      return answer.bytes.length > 2000 ? answer : null;
    }, 'some of it can be had');
    t.equal(one.status, 200);
    t.equal(
      (await client.send('DELETE', '/api/v1/recordings/growing?confirm=growing')).status,
      409,
    );
    t.match((await client.get('/api/v1/recordings/growing')).json(), {
      state: 'recording',
      verdict: null,
    });
    t.equal((await client.send('DELETE', '/api/v1/recording')).status, 200);
    t.equal(
      (await client.send('DELETE', '/api/v1/recordings/growing?confirm=growing')).status,
      204,
    );
    t.equal((await client.get(part)).status, 404);
    await t.rejects(readFile(join(recordings, 'growing', 'growing.json')));
    t.match((await client.get('/api/v1/recordings/film')).json(), { verdict: 'complete' });
  });

  t.test('a large file to a slow reader, and to one who leaves', async (t) => {
    const large = join(recordings, 'film', 'film_0000.mp4');
    await rename(large, `${large}.small`);
    await run('truncate', ['--size=300M', large]);
    const abort = new AbortController();
    const leaving = await fetch(`http://${client.host}${path}`, { signal: abort.signal });
    await leaving.body?.getReader().read();
    const before = process.memoryUsage().rss;
    await new Promise((resolve) => setTimeout(resolve, 300));
    t.ok(process.memoryUsage().rss - before < 50e6, 'what it does not read is not held here');
    abort.abort();
    const whole = await client.get(path, { Range: 'bytes=100000000-200000000' });
    t.equal(whole.bytes.length, 100_000_001);
    await run('truncate', ['--size=1M', large]);
    t.equal((await client.get('/healthz')).status, 200);
  });
});

t.test('however many calls come in between, nothing is done twice', async (t) => {
  let nowMs = 0;
  let done = 0;
  const once = new Once(() => nowMs);
  const call = (key: string): Promise<Reply> =>
    once.run(key, 'the same', () => {
      done++;
      return Promise.resolve(noContent());
    });
  const first = await call('first');
  for (let i = 0; i < 499; i++) await call(`other ${i}`);
  t.equal(await call('first'), first, 'the first answer');
  await call('one more');
  await t.rejects(call('first'), { code: 'answer-forgotten', status: 409 });
  await t.rejects(
    once.run('first', 'another', () => Promise.reject(new Error('done'))),
    { code: 'key-reused' },
  );
  for (let i = 0; i < 20_000 - 501; i++) await call(`more ${i}`);
  await t.rejects(call('too many'), { code: 'too-many-requests', status: 429 });
  t.equal(done, 20_000);
  nowMs = 10 * 60_000;
  await call('first');
  t.equal(done, 20_001, 'after ten minutes it is another call');
});

t.test('a repeated call is answered once; its key fits no other query or body', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client } = server;
  const headers = { 'Idempotency-Key': 'mine' };
  const send = (path: string, body: object): Promise<Answer> =>
    client.send('POST', path, { body, headers });
  const preset = '/api/v1/presets';
  const first = await send(preset, { name: 'day' });
  t.equal(first.status, 201);
  t.same((await send(preset, { name: 'day' })).bytes, first.bytes, 'the same answer');
  const other = { status: 422, code: 'key-reused', field: 'Idempotency-Key' };
  t.match((await send(preset, { name: 'night' })).json(), other);
  t.equal((await send(`${preset}/day/apply`, {})).status, 200, 'another path is another call');
  t.equal((await client.send('DELETE', `${preset}/day`, { headers })).status, 204);
  const remove = (query: string): Promise<Answer> =>
    client.send('DELETE', `/api/v1/recordings/none?confirm=${query}`, { headers });
  t.match((await remove('none')).json(), { code: 'not-found' });
  t.match((await remove('another')).json(), other);
});
