import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { LogDestination } from '../src/log.js';
import { isJournal, journalLine } from '../src/system/journal.js';

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

t.test('in the journal a line has a priority, and no time of its own', (t) => {
  const line = (fields: object): string => journalLine(JSON.stringify(fields));
  t.equal(line({ level: 30, time: 1, msg: 'Stopped.' }), '<6>Stopped.\n');
  t.equal(
    line({ level: 50, time: 1, code: 'a', msg: 'It\nfails.' }),
    '<3>It fails. {"code":"a"}\n',
  );
  t.equal(line({ level: 20, time: 1, a: 1 }), '<7> {"a":1}\n');
  const { dev, ino } = fstatSync(2);
  t.equal(isJournal(2, { JOURNAL_STREAM: `${dev}:${ino}` }), true);
  t.equal(isJournal(2, { JOURNAL_STREAM: `${dev}:1` }), false, 'redirected');
  t.equal(isJournal(2, {}), false);
  t.end();
});
