// Recordings as one archive, as tar and a client that stalls see it.
import { execFile } from 'node:child_process';
import { mkdtemp, open, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { Tar, type TarEntry } from '../src/http/tar.js';
import { askFor, finished, recordNamed } from './support/media.js';
import { startServer } from './support/server.js';
import { until } from './support/until.js';

const run = promisify(execFile);

async function temporary(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-archive-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Which of this process's open files are below a folder. */
async function openBelow(folder: string): Promise<string[]> {
  const ids = await readdir('/proc/self/fd');
  const paths = await Promise.all(ids.map((id) => readlink(`/proc/self/fd/${id}`).catch(() => '')));
  return paths.filter((path) => path.startsWith(folder));
}

t.test('an archive has what the folders have', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client } = server;
  const recordings = join(server.folder, 'data', 'recordings');
  const folder = await temporary(t);
  const long = `night_${'x'.repeat(110)}`;
  for (const name of ['a', long]) await recordNamed(server, name, 10);
  await finished(server, await askFor(server, 'a', { kind: 'constant-rate' }));

  const whole = await client.get('/api/v1/recordings.tar');
  t.match(whole, {
    status: 200,
    headers: {
      'content-type': 'application/x-tar',
      'content-length': String(whole.bytes.length),
      'content-disposition': 'attachment; filename="recordings.tar"',
    },
  });
  await writeFile(join(folder, 'all.tar'), whole.bytes);
  const { stderr } = await run('tar', ['-xf', 'all.tar'], { cwd: folder });
  t.equal(stderr, '');
  for (const name of ['a', long]) {
    await run('diff', ['--recursive', '--exclude=.*', join(recordings, name), join(folder, name)]);
  }
  t.strictSame((await readdir(folder)).sort(), ['a', 'all.tar', long]);

  t.test('a download that broke off is taken up again', async (t) => {
    const { etag = '' } = whole.headers;
    const half = Math.floor(whole.bytes.length / 2);
    const rest = await client.get('/api/v1/recordings.tar', {
      Range: `bytes=${half}-`,
      'If-Range': etag,
    });
    t.equal(rest.status, 206);
    t.ok(Buffer.concat([whole.bytes.subarray(0, half), rest.bytes]).equals(whole.bytes));
  });

  t.test('one or some, and what cannot be had', async (t) => {
    const one = await client.get('/api/v1/recordings.tar?names=a');
    t.match(one.headers, { 'content-disposition': 'attachment; filename="a.tar"' });
    t.ok(one.bytes.length < whole.bytes.length);
    t.match((await client.get('/api/v1/recordings.tar?names=a,none')).json(), {
      code: 'not-found',
    });
    t.match((await client.get('/api/v1/recordings.tar?names=..')).json(), { code: 'not-found' });
    await client.send('POST', '/api/v1/recording', { body: { name: 'running' } });
    const running = await client.get('/api/v1/recordings.tar?names=running');
    t.match(running.json(), { status: 409, code: 'recording-running' });
    const ended = await client.get('/api/v1/recordings.tar');
    t.equal(ended.bytes.length, whole.bytes.length, 'all are those that have ended');
    await client.send('DELETE', '/api/v1/recording');
  });

  t.test('whoever stalls or leaves costs nothing', async (t) => {
    // Larger than what the kernel buffers of a connection.
    const video = await open(join(recordings, 'a', 'a_0000.mp4'), 'r+');
    await video.truncate(64e6);
    await video.close();
    const before = process.memoryUsage().rss;
    const sockets = Array.from({ length: 10 }, () => {
      const socket = connect(client.port, '127.0.0.1').pause();
      socket.write(`GET /api/v1/recordings.tar?names=a HTTP/1.1\r\nHost: ${client.host}\r\n\r\n`);
      return socket;
    });
    await until(async () => (await openBelow(recordings)).length === 10, 'all are being sent');
    t.ok(process.memoryUsage().rss - before < 60e6, 'without being read into memory');
    t.equal((await client.get('/api/v1/status')).status, 200);
    for (const socket of sockets) socket.destroy();
    await until(async () => (await openBelow(recordings)).length === 0, 'all are closed');
  });
});

t.test('sizes and names that an old header has no room for', async (t) => {
  const folder = await temporary(t);
  const entry = (path: string, bytes: number): TarEntry => ({
    path,
    bytes,
    modified: 1_795_000_000,
    open: () =>
      Promise.resolve({
        read: (buffer, length) =>
          Promise.resolve(buffer.fill(0, 0, length).subarray(0, length).length),
        close: () => Promise.resolve(),
      }),
  });
  const names = [`r/${'n'.repeat(98)}`, `r/${'n'.repeat(99)}`, `${'r'.repeat(156)}/n`, 'r/large'];
  const sizes = [1, 512, 513, 9e9];
  const tar = new Tar(names.map((name, i) => entry(name, sizes[i] ?? 0)));
  // The nine gigabytes are a hole in the file: tar reads what stands around them.
  const file = await open(join(folder, 'large.tar'), 'w');
  const buffer = Buffer.alloc(65_536);
  const copy = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to;) {
      const read = await tar.read(buffer, Math.min(buffer.length, to - at), at);
      t.ok(read > 0, `there is more at ${at}`);
      await file.write(buffer, 0, read, at);
      at += read;
    }
  };
  await copy(0, 8192);
  await copy(tar.size - 2048, tar.size);
  await file.close();
  const { stdout, stderr } = await run('tar', ['-tvf', join(folder, 'large.tar')]);
  t.equal(stderr, '');
  const listed = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/));
  t.strictSame(
    listed.map((cells) => [cells[5], Number(cells[2])]),
    names.map((name, i) => [name, sizes[i]]),
  );
  t.equal(await tar.read(buffer, 1, tar.size), 0, 'there is an end');
  await tar.close();
});
