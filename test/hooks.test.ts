import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Problem } from '../src/errors.js';
import type { HookEvent } from '../src/hooks/hook-event.js';
import { Hooks } from '../src/hooks/hooks.js';
import { startServer } from './support/server.js';
import { until } from './support/until.js';

const happened: HookEvent = {
  event: 'stop',
  host: 'cage3',
  wallUs: 1,
  recording: 'r',
  folder: '/data/recordings/r',
  file: null,
  reason: 'requested',
  detail: null,
};

async function temporary(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function program(folder: string, lines: string): Promise<string> {
  const path = join(folder, 'program');
  await writeFile(path, `#!/bin/sh\n${lines}\n`);
  await chmod(path, 0o755);
  return path;
}

const lives = async (pid: number): Promise<boolean> =>
  /^State:\s+[^Z]/m.test(await read(`/proc/${pid}/status`));

const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** What a web server was posted; it answers with `status`. */
async function receiver(t: Test, status = 204): Promise<{ url: string; posted: HookEvent[] }> {
  const posted: HookEvent[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      posted.push(JSON.parse(body) as HookEvent);
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`, posted };
}

t.test('a recording calls its hooks', async (t) => {
  const folder = await temporary(t);
  const told = join(folder, 'told');
  // Files, sockets and the like that it has open besides its own standard error.
  const open =
    "ls -l /proc/self/fd | grep -v ' 2 -> ' | grep -c -e hooked -e anon_inode -e socket:";
  const path = await program(
    folder,
    `echo "$PI_MONITOR_EVENT $PI_MONITOR_RECORDING \${PI_MONITOR_FILE:--} \${PI_MONITOR_REASON:--}" \\
       "$PI_MONITOR_FOLDER $1 $(nice) $(${open}) \${NOTIFY_SOCKET:--}" >> ${told}`,
  );
  const { url, posted } = await receiver(t);
  const on = ['start', 'segment', 'stop', 'error'];
  process.env['NOTIFY_SOCKET'] = '/nowhere';
  t.teardown(() => delete process.env['NOTIFY_SOCKET']);
  const server = await startServer({
    hooks: {
      commands: [{ name: 'program', on, command: [path, '$HOME; `exit`'] }],
      webhooks: [{ name: 'web', on, url }],
    },
  });
  t.teardown(() => server.close());
  const { client, monitor } = server;
  await client.send('POST', '/api/v1/recording', { body: { name: 'hooked' } });
  await until(() => (monitor.status().recording?.frames ?? 0) > 5, 'frames are written');
  await client.send('DELETE', '/api/v1/recording');
  await until(() => posted.length === 3, 'the web server has heard all');
  const recordings = join(server.folder, 'data', 'recordings', 'hooked');
  const common = { recording: 'hooked', folder: recordings };
  t.match(posted, [
    { event: 'start', ...common, file: null, reason: null },
    { event: 'segment', ...common, file: 'hooked_0000.mp4', reason: null },
    { event: 'stop', ...common, file: null, reason: 'requested' },
  ]);
  await until(async () => (await read(told)).split('\n').length === 4, 'the program too');
  // The argument as it was given, nicer than the tests, with no file of ours and nothing of systemd's.
  const rest = `${recordings} $HOME; \`exit\` 10 0 -`;
  t.strictSame((await read(told)).trimEnd().split('\n'), [
    `start hooked - - ${rest}`,
    `segment hooked hooked_0000.mp4 - ${rest}`,
    `stop hooked - requested ${rest}`,
  ]);

  t.match((await client.get('/api/v1/config')).json(), {
    hooks: { commands: ['…'], webhooks: ['…'] },
  });
  for (const body of [{ hooks: { commands: [] } }, { hooks: null }]) {
    const refused = await client.send('PATCH', '/api/v1/config', { body });
    t.equal(refused.status, 403);
    t.match(refused.json(), { code: 'not-settable-remotely' });
  }
});

t.test('a hook that fails is an error, and no reason to call it again', async (t) => {
  const folder = await temporary(t);
  const path = await program(folder, 'echo no such share >&2; exit 3');
  const { url, posted } = await receiver(t, 500);
  const server = await startServer({
    hooks: {
      commands: [
        { name: 'broken', on: ['start', 'error'], command: [path] },
        { name: 'absent', on: ['start', 'error'], command: [join(folder, 'absent')] },
      ],
      webhooks: [
        { name: 'web', on: ['start', 'error'], url },
        { name: 'nobody', on: ['start', 'error'], url: 'http://127.0.0.1:9/' },
      ],
    },
  });
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const failures = (): string[] =>
    monitor.events
      .since(0)
      .filter(({ data }) => data['code'] === 'hook-failed')
      .map(({ data }) => String(data['detail']))
      .sort();
  await client.send('POST', '/api/v1/recording');
  await until(() => failures().length === 4, 'all have failed');
  t.match(failures(), [
    /^The hook absent failed at start: it ended with 127: .*No such file.*\.$/,
    /^The hook broken failed at start: it ended with 3: no such share\.$/,
    /^The hook nobody failed at start: it cannot be reached \(.*\)\.$/,
    'The hook web failed at start: it answered 500.',
  ]);
  const certificate = (await client.send('DELETE', '/api/v1/recording')).json();
  t.match(certificate, { verdict: 'complete' });
  t.equal(failures().length, 4, 'nor were they called for that');
  t.equal(posted.length, 1);
});

t.test('one that takes too long is ended with all its children', async (t) => {
  const folder = await temporary(t);
  const pids = join(folder, 'pids');
  const path = await program(folder, `sleep 60 & echo $! $$ > ${pids}; trap "" TERM; sleep 60`);
  const troubles: Problem[] = [];
  const hooks = new Hooks(
    {
      commands: [{ name: 'slow', on: ['stop'], command: [path], timeout: '300ms' }],
      webhooks: [],
    },
    (problem) => troubles.push(problem),
  );
  const began = performance.now();
  hooks.call(happened);
  t.ok(performance.now() - began < 1000, 'nobody waits for it');
  await until(() => troubles.length > 0, 'it is given up');
  t.match(troubles, [
    { code: 'hook-failed', detail: /^The hook slow failed at stop: it took longer than 0.3 s\.$/ },
  ]);
  const [child = 0, parent = 0] = (await read(pids)).split(' ').map(Number);
  t.ok(child > 0 && parent > 0);
  await until(async () => !(await lives(child)) && !(await lives(parent)), 'none of them lives');
});

t.test('what ignores that it shall end does not outlive the program', async (t) => {
  const folder = await temporary(t);
  const pids = join(folder, 'pids');
  // The child ignores it as well: an ignored signal stays ignored in what is started.
  const stubborn = (ending: string): string =>
    `(trap "" TERM; sleep 60 & echo $! $$ > ${pids}); ${ending}`;
  for (const ending of ['trap "" TERM; sleep 60', 'sleep 60']) {
    await rm(pids, { force: true });
    const command = [await program(folder, stubborn(ending))];
    const hooks = new Hooks(
      { commands: [{ name: 'stubborn', on: ['stop'], command }], webhooks: [] },
      () => undefined,
    );
    hooks.call(happened);
    const [child = 0, parent = 0] = await until(async () => {
      const found = (await read(pids)).trim().split(' ').map(Number);
      return found.length === 2 && found;
    }, 'it runs');
    t.ok(await lives(child));
    const began = performance.now();
    await hooks.stop();
    const tookMs = performance.now() - began;
    await until(
      async () => !(await lives(child)) && !(await lives(parent)),
      'both are killed',
      250,
    );
    t.ok(tookMs > 2500 && tookMs < 4500, `${tookMs} ms`);
  }
});

t.test('calls that wait are bounded, and end with the program', async (t) => {
  const troubles: Problem[] = [];
  const hooks = new Hooks(
    { commands: [{ name: 'slow', on: ['stop'], command: ['sleep', '60'] }], webhooks: [] },
    (problem) => troubles.push(problem),
  );
  for (let i = 0; i < 60; i++) hooks.call(happened);
  t.match(troubles, [{ detail: /^The hook slow is too slow: 50 calls wait, others are lost\.$/ }]);
  t.equal(troubles.length, 1, 'told once');
  const began = performance.now();
  await hooks.stop();
  t.ok(performance.now() - began < 2000);
  await until(() => troubles.length === 3, 'what was not done is told');
  t.match(troubles.slice(1), [
    { detail: 'The hook slow was not called 50 times more: the program ended.' },
    { detail: 'The hook slow failed at stop: the program ended.' },
  ]);
});
