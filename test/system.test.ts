import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createLog } from '../src/log.js';
import { writeAtomically } from '../src/system/atomic-file.js';
import { parseThrottled, readHealth } from '../src/system/health.js';
import { loadIdentity } from '../src/system/identity.js';
import { Serial } from '../src/system/serial.js';

const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
t.teardown(() => rm(folder, { recursive: true }));

t.test('a file is replaced whole or not at all', async (t) => {
  const path = join(folder, 'a.json');
  await writeAtomically(path, 'one');
  await writeAtomically(path, 'two');
  t.equal(await readFile(path, 'utf8'), 'two');
  await t.rejects(writeAtomically(join(folder, 'none', 'a.json'), 'x'), { code: 'ENOENT' });
  await mkdir(join(folder, 'taken'));
  await t.rejects(writeAtomically(join(folder, 'taken'), 'x'));
  t.strictSame((await readdir(folder)).sort(), ['a.json', 'taken'], 'no draft is left');
});

t.test('the identity belongs to a board', async (t) => {
  const data = join(folder, 'identity');
  await mkdir(data);
  const log = createLog('silent');
  const first = await loadIdentity(data, 'board-1', log);
  t.match(first.id, /^[0-9a-f-]{36}$/);
  t.strictSame(await loadIdentity(data, 'board-1', log), first);
  t.strictSame(await loadIdentity(data, null, log), first, 'a board that does not say');
  const clone = await loadIdentity(data, 'board-2', log);
  t.not(clone.id, first.id, 'a cloned card is another monitor');
  t.strictSame(await loadIdentity(data, 'board-2', log), clone);
  await writeFile(join(data, 'identity.json'), '{');
  t.not((await loadIdentity(data, 'board-2', log)).id, clone.id);
  t.match((await loadIdentity(join(folder, 'nowhere'), null, log)).id, /./, 'for this run only');
});

t.test('health says what it knows', async (t) => {
  t.strictSame(parseThrottled('0'), []);
  t.strictSame(parseThrottled('50005\n'), [
    'undervoltage',
    'undervoltage-occurred',
    'throttled',
    'throttled-occurred',
  ]);
  t.strictSame(parseThrottled('0x80008'), [
    'soft-temperature-limit',
    'soft-temperature-limit-occurred',
  ]);
  t.equal(parseThrottled('?'), null);
  const { temperatureC, throttled } = await readHealth();
  t.ok(temperatureC === null || (temperatureC > -50 && temperatureC < 150));
  t.ok(Array.isArray(throttled));
});

t.test('tasks run one after the other, past failures', async (t) => {
  const serial = new Serial();
  const order: number[] = [];
  const task = (n: number, ms: number) => async (): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    order.push(n);
    if (n === 2) throw new Error('two');
    return n;
  };
  const results = await Promise.allSettled([
    serial.run(task(1, 20)),
    serial.run(task(2, 10)),
    serial.run(task(3, 0)),
  ]);
  t.strictSame(order, [1, 2, 3]);
  t.strictSame(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});
