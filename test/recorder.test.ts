// What may happen to a recording's certificate while its maker is busy with something else.
import { truncate, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { resolveConfig } from '../src/config/config.js';
import type { Certificate, CertifiedFile, Ending } from '../src/monitor/certificate.js';
import { mappingsFrom } from '../src/monitor/opening-certificate.js';
import { Recorder } from '../src/monitor/recorder.js';
import type { Recordings } from '../src/monitor/recordings.js';
import { completeHashes } from '../src/monitor/repair.js';
import { Resumption, type ResumptionParts } from '../src/monitor/resumption.js';
import { loadAddon, type Addon, type RecordingSummary, type Session } from '../src/native.js';
import type { MappingChange, MappingEntry } from '../src/system/clock-mapping.js';

const file = (path: string): CertifiedFile => ({
  ...{ path, bytes: 1, frames: 1, firstFrame: 0, sha256: null, closed: true },
});

const certificate = {
  version: 1,
  name: 'a',
  start: { wallUs: 1, sensorNs: null, by: 'api', at: null },
  clock: [],
  gaps: [],
  plan: { from: { wallUs: 1, sensorNs: 1 }, durationMs: null },
  files: [file('a_0000.mp4'), file('a_0000.frames.csv')],
  bootId: 'b',
} as unknown as Certificate;

t.test(
  'no hash, and no step of the clock, is lost that comes while the certificate is saved',
  async (t) => {
    const saved: Certificate[] = [];
    const late = ['a_0000.mp4', 'a_0000.frames.csv'];
    let ending = false;
    const step: MappingChange = {
      ...{ fromSensorNs: 2, wallUs: 9, uncertaintyUs: null, source: 'manual', reason: 'step' },
      steppedUs: 7,
    };
    const recordings = {
      prepare: async () => undefined,
      create: async (name: string) => name,
      pathOf: (name: string, path: string) => join('/nowhere', name, path),
      save: async (one: Certificate) => {
        const path = ending ? late.shift() : undefined;
        if (path !== undefined) await recorder.hashed({ recording: 'a', file: path, sha256: 'x' });
        if (late.length === 1) recorder.clockChanged(step);
        saved.push(one);
      },
    } as unknown as Recordings;
    const recorder = new Recorder(
      recordings,
      {
        onStateChanged: () => undefined,
        onStarted: () => undefined,
        onEnded: (one) => t.equal(one, saved.at(-1), 'what is told is what was saved'),
        onMoved: () => t.fail('it was not armed'),
        onCalledOff: () => t.fail('it was not called off'),
        onTrouble: (problem) => t.fail(problem.message),
      },
      (active, { reason }: Ending) => ({
        ...active.certificate,
        stop: { wallUs: 2, sensorNs: 2, reason },
      }),
    );
    const session = {
      status: () => ({ encoder: { active: null } }),
      startRecording: async () => ({ firstSensorNs: 1, firstWallUs: 1 }),
    } as unknown as Session;
    await recorder.start({
      ...{ session, settings: resolveConfig(), by: 'api', name: 'a', durationMs: Infinity },
      ...{ startAtNs: null, continues: null, checkDisk: async () => undefined },
      certificate: () => certificate,
    });
    ending = true;
    await recorder.ended({
      ...{ name: 'a', reason: 'disk-gone', written: 1, files: [] },
    } as unknown as RecordingSummary);
    t.strictSame(
      saved.at(-1)?.files.map(({ sha256 }) => sha256),
      ['x', 'x'],
    );
    t.match(saved.at(-1)?.clock, [{ reason: 'step', wallUs: 9 }]);
    t.equal(recorder.running, null);
  },
);

function resumption(more: Partial<ResumptionParts>): Resumption {
  return new Resumption({
    wanted: () => true,
    now: () => ({ wallUs: 2, sensorNs: 2 }),
    bootId: () => 'b',
    isRecording: () => false,
    newest: () => Promise.reject(new Error('nobody asked')),
    resume: () => Promise.reject(new Error('nobody asked')),
    giveUp: () => Promise.reject(new Error('nobody asked')),
    onTrouble: (problem) => {
      throw problem;
    },
    ...more,
  });
}

t.test('what waits to go on', async (t) => {
  const removed = resumption({ newest: async () => null });
  await removed.offer(certificate);
  t.equal(removed.pending, null, 'one that was removed is waited for no more');

  const resumed: Certificate[] = [];
  const hashed = { ...certificate, files: [{ ...file('a_0000.mp4'), sha256: 'x' }] };
  const changed = resumption({
    newest: async () => hashed,
    resume: async (one) => ({ certificate: resumed[resumed.push(one) - 1] }) as never,
  });
  await changed.offer(certificate);
  t.strictSame(resumed, [hashed], 'it goes on with what the disk knows');

  const gone = new Error('gone');
  const told: unknown[] = [];
  const waiting = resumption({
    newest: () => Promise.reject(Object.assign(gone, { code: 'ENOENT' })),
    onTrouble: (problem) => told.push(problem.code),
  });
  await waiting.offer(certificate);
  await waiting.look();
  t.strictSame(told, ['disk-gone']);
  t.equal(waiting.pending, certificate, 'a disk that has gone may come again');

  const given: string[] = [];
  const over = resumption({
    isRecording: () => true,
    giveUp: async (name) => void given.push(name),
  });
  await over.offer(certificate);
  t.strictSame(given, ['a']);
  t.equal(over.pending, null);
});

t.test('an armed recording begins with the clock as it is by then', async (t) => {
  const start: MappingEntry = {
    ...{ fromSensorNs: null, wallUs: 5, uncertaintyUs: null, source: 'unsynchronised' },
    reason: 'start',
  };
  const earlier = { ...start, fromSensorNs: 10 };
  const sync: MappingEntry = { ...start, fromSensorNs: 100, source: 'ntp', reason: 'sync' };
  const synced = { ...sync, uncertaintyUs: 4000 };
  const later: MappingEntry = { ...synced, fromSensorNs: 300, reason: 'step' };
  const first = { wallUs: 7, sensorNs: 200 };
  t.strictSame(mappingsFrom([start], first), [{ ...start, fromSensorNs: 200, wallUs: 7 }]);
  t.strictSame(mappingsFrom([earlier, start, synced, later], first), [
    earlier,
    { ...start, fromSensorNs: 200, wallUs: 7, uncertaintyUs: 4000, source: 'ntp' },
    later,
  ]);
  t.strictSame(mappingsFrom([earlier, later], first), [earlier, later]);
});

t.test('a large file keeps no program from ending', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const addon = loadAddon();
  const path = join(folder, 'large');
  await writeFile(path, '');
  await truncate(path, 1e12); // a hole: hours to read, nothing to store
  const hash = addon.hashFile(path);
  let stop!: (nothing: null) => void;
  const stopped = new Promise<null>((resolve) => (stop = resolve));
  const recordings = { pathOf: () => path } as unknown as Recordings;
  const work = completeHashes(
    { addon, recordings, bootId: null },
    certificate,
    () => Promise.reject(new Error('it cannot be done')),
    stopped,
  );
  stop(null);
  await work;
  addon.cancelHashes();
  await t.rejects(hash, { code: 'internal' });
  await writeFile(path, '');
  t.match(await addon.hashFile(path), { bytes: 0 }, 'later ones are made');
});

t.test('a file that cannot be read keeps no other from its checksum', async (t) => {
  const addon = {
    hashFile: (path: string) =>
      path === 'a_0000.mp4'
        ? Promise.reject(new Error('unreadable'))
        : Promise.resolve({ bytes: 1, sha256: 'x' }),
  } as unknown as Addon;
  const recordings = { pathOf: (_: string, file: string) => file } as unknown as Recordings;
  const hashed: string[] = [];
  const files = ['a_0000.mp4', 'a_0001.mp4'].map((path) => ({ ...file(path), sha256: null }));
  const work = completeHashes(
    { addon, recordings, bootId: null },
    { ...certificate, files },
    async (path) => void hashed.push(path),
  );
  await t.rejects(work, { message: 'unreadable' });
  t.strictSame(hashed, ['a_0001.mp4']);
});
