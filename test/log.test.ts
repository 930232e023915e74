import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { LogDestination } from '../src/log.js';

t.test('lines come in order, the last at the exit', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pi-monitor-log-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const fd = openSync(join(folder, 'log'), 'a');
  const log = new LogDestination(fd);
  for (const line of ['1\n', '2\n', '3\n']) log.write(line);
  await delay(100);
  log.write('4\n');
  await delay(100);
  log.writeRest();
  closeSync(fd);
  t.equal(readFileSync(join(folder, 'log'), 'utf8'), '1\n2\n3\n4\n');
});

t.test('a full log disk stops nothing', async (t) => {
  const fd = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(fd));
  const log = new LogDestination(fd);
  for (let i = 0; i < 5; i++) {
    log.write('dropped\n');
    await delay(10);
  }
  log.write('under way\n');
  log.write('waiting\n');
  log.writeRest();
  t.pass('it came to an end');
});
