import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createLog } from '../src/log.js';
import { writeAtomically } from '../src/system/atomic-file.js';
import { parseThrottled, readHealth } from '../src/system/health.js';
import { boardSerial, loadIdentity } from '../src/system/identity.js';
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

t.test(
  'a board without a serial number is known by a network card that is part of it',
  async (t) => {
    const root = join(folder, 'machine');
    const cards = join(root, 'sys/class/net');
    const card = async (name: string, address: string, assigned: string, device?: string) => {
      await mkdir(join(cards, name), { recursive: true });
      await writeFile(join(cards, name, 'address'), `${address}\n`);
      await writeFile(join(cards, name, 'addr_assign_type'), `${assigned}\n`);
      if (device === undefined) return;
      await mkdir(join(root, device), { recursive: true });
      await symlink(join(root, device), join(cards, name, 'device'));
    };
    t.equal(await boardSerial(root), null);
    await card('docker0', '02:42:00:00:00:01', '3');
    await card('veth1', '02:42:00:00:00:02', '0');
    t.equal(await boardSerial(root), null, 'made by programs');
    await card('enx1', '00:00:00:00:00:03', '0', 'sys/devices/usb1/1-1');
    t.equal(await boardSerial(root), '00:00:00:00:00:03');
    await card('wlan0', '00:00:00:00:00:04', '3', 'sys/devices/pci0/4');
    await card('enp1', '00:00:00:00:00:05', '0', 'sys/devices/pci0/5');
    t.equal(await boardSerial(root), '00:00:00:00:00:05', 'not one that is plugged in or made up');
    await mkdir(join(root, 'proc/device-tree'), { recursive: true });
    await writeFile(join(root, 'proc/device-tree/serial-number'), '10000000abcdef01\0');
    t.equal(await boardSerial(root), '10000000abcdef01');
  },
);

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
