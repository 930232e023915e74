import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Config } from '../src/config/schema.js';
import type { DerivedFile } from '../src/media/derived.js';
import { Problem } from '../src/errors.js';
import type { Certificate } from '../src/monitor/certificate.js';
import { Recordings } from '../src/monitor/recordings.js';
import { Retention } from '../src/monitor/retention.js';
import { recordFrames, startServer } from './support/server.js';
import { until } from './support/until.js';

interface File {
  path: string;
  sha256: string | null;
}

t.test('a copy is compared before a recording is marked', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const path = '/api/v1/recordings/copied';
  const mark = (files: unknown, by?: string) =>
    client.send('POST', `${path}/transferred`, { body: { files, ...(by && { by }) } });
  await client.send('POST', '/api/v1/recording', { body: { name: 'copied' } });
  t.match((await mark([])).json(), { code: 'recording-running' });
  await until(() => (monitor.status().recording?.frames ?? 0) > 5, 'frames are written');
  await client.send('DELETE', '/api/v1/recording');
  const files = await until(async () => {
    const certificate = (await client.get(path)).json() as unknown as { files: File[] };
    return certificate.files.every(({ sha256 }) => sha256 !== null) && certificate.files;
  }, 'the checksums are known');
  t.equal(files.length, 2);
  const [video, log] = files;
  if (!video || !log) throw new Error('a video and its log');
  const sums = files.map(({ path, sha256 }) => ({ path, sha256 }));
  const refused = async (wrong: unknown, detail: RegExp): Promise<void> => {
    const answer = await mark(wrong);
    t.equal(answer.status, 422);
    t.match(answer.json(), { code: 'invalid-value', detail });
  };
  await refused([sums[0]], /frames\.csv is missing/);
  await refused([sums[0], { ...sums[1], sha256: 'f'.repeat(64) }], /frames\.csv differs/);
  await refused([...sums, { ...sums[1], path: 'other.mp4' }], /no file other\.mp4/);
  await refused([{ path: 'a', sha256: 'short' }], /sha256/);
  t.equal((await client.get(path)).json()['transferred'], undefined, 'none of these marks it');
  const marked = (await mark(sums, 'lab server')).json();
  t.match(marked, { transferred: { verified: true, by: 'lab server' } });
  t.strictSame((await client.get(path)).json()['transferred'], marked['transferred'], 'it is kept');
  t.equal(
    (await client.send('POST', '/api/v1/recordings/none/transferred', { body: { files: [] } }))
      .status,
    404,
  );

  const madeSum = 'a'.repeat(64);
  await monitor.recordings.amend('copied', (certificate) => ({
    ...certificate,
    derived: [{ path: 'copied_smaller.mp4', sha256: madeSum } as DerivedFile],
  }));
  const compared = async (copied: unknown): Promise<unknown> =>
    ((await mark(copied)).json()['transferred'] as { files: string[] }).files.length;
  t.equal(await compared(sums), 2, 'what was made from it need not be copied');
  const made = { path: 'copied_smaller.mp4', sha256: madeSum };
  t.equal(await compared([...sums, made]), 3, 'but may be');
  await refused([...sums, { ...made, sha256: 'b'.repeat(64) }], /smaller\.mp4 differs/);

  const many = Array.from({ length: 1000 }, (_, i) => ({ path: `${i}`, sha256: 'f'.repeat(64) }));
  await refused(many, /is missing/); // and not too large
});

t.test('nothing is removed unless the configuration says so', async (t) => {
  const day = 86_400_000;
  const now = Date.parse('2026-06-01T00:00Z');
  const { names, look } = await shelf(t, now, {
    old: { at: now - 8 * day },
    fresh: { at: now - 6 * day },
    unmarked: {},
    odd: { at: now - 9 * day, strange: 'odd_0000.mp4.tail' },
    future: { at: now + 9 * day },
  });
  await look({ keepDays: 0, freeMegabytes: 0 });
  t.equal((await names()).length, 5);
  const told = await look({ keepDays: 7, freeMegabytes: 0 });
  t.strictSame(await names(), ['fresh', 'future', 'odd', 'unmarked']);
  t.match(told, [
    {
      code: 'not-transferred',
      detail: 'odd is not removed: no copy of odd_0000.mp4.tail in it was compared.',
    },
  ]);
});

t.test('no more is removed than the room that is needed', async (t) => {
  const now = Date.parse('2026-06-01T00:00Z');
  const { names, look } = await shelf(t, now, {
    a: { at: now, startedMs: 1 },
    b: { startedMs: 2 },
    c: { at: now, startedMs: 3 },
    d: { at: now, startedMs: 4 },
    e: { at: now, startedMs: 5 },
  });
  // The disk has room for three of them.
  await look({ keepDays: 0, freeMegabytes: 100 }, async () =>
    (await names()).length > 3 ? 99e6 : 100e6,
  );
  t.strictSame(await names(), ['b', 'd', 'e'], 'the oldest that were copied');
});

t.test('one that cannot be removed keeps nobody from the others', async (t) => {
  const now = Date.parse('2026-06-01T00:00Z');
  const items = { a: { at: 0 }, b: { at: 0 }, c: { at: 0 } };
  const { names, look } = await shelf(t, now, items, ['a', 'b']);
  t.match(await look({ keepDays: 1, freeMegabytes: 0 }), [{ code: 'recording-running' }]);
  t.strictSame(await names(), ['a', 'b']);
});

t.test('one that is being converted stays until that is done', async (t) => {
  const items = { a: { at: 0 }, b: { at: 0 } };
  const converted = ['a'];
  const { names, look } = await shelf(t, Date.parse('2026-06-01T00:00Z'), items, [], converted);
  const week = { keepDays: 7, freeMegabytes: 0 };
  t.strictSame(await look(week), [], 'that is no trouble');
  t.strictSame(await names(), ['a']);
  converted.pop();
  await look(week);
  t.strictSame(await names(), []);
});

t.test('a monitor removes what was copied', async (t) => {
  const server = await startServer({ retention: { keepDays: 1e-9 } });
  t.teardown(() => server.close());
  const { client, monitor } = server;
  await recordFrames(server, 5, { name: 'kept' });
  await recordFrames(server, 5, { name: 'copied' });
  const files = await until(async () => {
    const { files } = (await client.get('/api/v1/recordings/copied')).json() as { files?: File[] };
    return files?.every(({ sha256 }) => sha256 !== null) === true && files;
  }, 'the checksums are known');
  const body = { files: files.map(({ path, sha256 }) => ({ path, sha256 })) };
  await client.send('POST', '/api/v1/recordings/copied/transferred', { body });
  await until(
    () => monitor.events.since(0).some(({ data }) => data['why'] === 'retention'),
    'it is told',
  );
  t.strictSame(
    (await monitor.library.list()).map(({ name }) => name),
    ['kept'],
  );
  const patched = await client.send('PATCH', '/api/v1/config', {
    body: { retention: { keepDays: 1 } },
  });
  t.match(patched.json(), { code: 'not-settable-remotely' });
});

interface Item {
  /** When it was marked; without it: never. UTC in ms. */
  at?: number;
  /** A file of which there is no copy. */
  strange?: string;
  startedMs?: number;
}

/**
 * A folder of recordings, of which those `held` cannot be removed and those `converted` are at work,
 * and one look at it with these settings; what it told is returned.
 */
async function shelf(
  t: Test,
  now: number,
  items: Record<string, Item>,
  held: string[] = [],
  converted: string[] = [],
) {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const recordings = new Recordings(folder);
  await recordings.prepare();
  for (const [name, { at, strange, startedMs = 0 }] of Object.entries(items)) {
    await mkdir(join(folder, name));
    const paths = [
      `${name}_0000.mp4`,
      '.thumbnail.jpg',
      ...(strange === undefined ? [] : [strange]),
    ];
    for (const path of paths) await writeFile(join(folder, name, path), path);
    await recordings.save({
      version: 1,
      name,
      start: { wallUs: startedMs * 1000 },
      stop: { wallUs: 0, sensorNs: 0, reason: 'requested' },
      files: [{ path: `${name}_0000.mp4`, bytes: 1 }],
      ...(at !== undefined && {
        transferred: { verified: true, at: at * 1000, by: 'a', files: [`${name}_0000.mp4`] },
      }),
    } as unknown as Certificate);
  }
  return {
    names: async () => (await readdir(folder)).sort(),
    look: async (
      settings: Config['retention'],
      free: () => Promise<number> = async () => Infinity,
    ) => {
      const troubles: Problem[] = [];
      const retention = new Retention(
        settings,
        {
          recordings,
          remove: async (name) => {
            if (held.includes(name)) throw new Problem('recording-running', `${name} is in use.`);
            await recordings.remove(name);
          },
          isConverted: (name) => converted.includes(name),
          onTrouble: (problem) => troubles.push(problem),
        },
        () => now,
        free,
      );
      await retention.look();
      return troubles;
    },
  };
}
