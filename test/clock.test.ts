import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadAddon, type NativeClock } from '../src/native.js';
import { ClockMapping, type ClockSample } from '../src/system/clock-mapping.js';
import { clockStateOf } from '../src/system/wall-clock.js';
import { unsynchronised } from './support/clocks.js';
import { startMonitorCommand } from './support/command.js';
import { startServer } from './support/server.js';
import { until } from './support/until.js';

const year2026Us = 1_767_225_600_000_000;

/** A sample `seconds` after power-up, with the wall clock off by `offUs`. */
function sampleAt(seconds: number, offUs = 0, source: ClockSample['source'] = 'ntp'): ClockSample {
  const uncertaintyUs = source === 'ntp' ? 4000 : null;
  return {
    sensorNs: seconds * 1e9,
    wallUs: year2026Us + seconds * 1e6 + offUs,
    uncertaintyUs,
    source,
  };
}

t.test('what the kernel says is believed as far as it goes', (t) => {
  const nobody = { byTimesync: false, setTo: null };
  const clock = (more: Partial<NativeClock>): NativeClock => ({
    monotonicNs: 1,
    wallUs: year2026Us,
    spreadNs: 2000,
    synchronised: true,
    maxErrorUs: 4200,
    estimatedErrorUs: 100,
    ...more,
  });
  t.strictSame(clockStateOf(clock({}), nobody), { source: 'ntp', uncertaintyMs: 4.201 });
  t.strictSame(
    clockStateOf(clock({ maxErrorUs: 0 }), { ...nobody, byTimesync: true }),
    { source: 'ntp', uncertaintyMs: 50 },
    'an error of nothing is not believed',
  );
  t.strictSame(clockStateOf(clock({ synchronised: false }), nobody), {
    source: 'unsynchronised',
    uncertaintyMs: null,
  });
  t.strictSame(
    clockStateOf(clock({ synchronised: false }), {
      ...nobody,
      setTo: { source: 'manual', uncertaintyMs: null },
    }),
    {
      source: 'manual',
      uncertaintyMs: null,
    },
  );
  t.match(clockStateOf(clock({ synchronised: null }), nobody), { source: 'unknown' });

  const real = loadAddon().clockState();
  t.ok(Math.abs(real.monotonicNs - Number(process.hrtime.bigint())) < 1e9, 'the sensor clock');
  t.ok(Math.abs(real.wallUs / 1000 - Date.now()) < 1000, 'UTC');
  t.ok(real.spreadNs < 1e8);
  t.end();
});

t.test('a mapping holds until the clock is set', (t) => {
  const mapping = new ClockMapping();
  t.equal(mapping.wallUsAt(0), null);
  t.equal(mapping.take(sampleAt(0)), null, 'the first is where it begins');
  for (let second = 1; second < 100; second++) t.equal(mapping.take(sampleAt(second, 20)), null);
  t.equal(mapping.wallUsAt(50.5e9), year2026Us + 50.5e6 + 20);

  t.strictSame(mapping.take(sampleAt(100, -3600e6)), {
    fromSensorNs: 100e9,
    wallUs: year2026Us + 100e6 - 3600e6,
    uncertaintyUs: 4000,
    source: 'ntp',
    reason: 'step',
    steppedUs: -3600e6,
  });
  t.equal(mapping.take(sampleAt(101, -3600e6)), null, 'told once');
  t.equal(mapping.take(sampleAt(102, -3600e6 + 49_000))?.reason, 'drift', 'below a step');
  t.equal(mapping.take(sampleAt(103, -3600e6 + 49_000 + 51_000))?.reason, 'step');
  t.end();
});

t.test('small changes are told once they add up; a late time server at once', (t) => {
  const mapping = new ClockMapping();
  mapping.take(sampleAt(0, 0, 'unsynchronised'));
  const told: number[] = [];
  for (let second = 1; second <= 100; second++) {
    const change = mapping.take(sampleAt(second, second * 300, 'unsynchronised'));
    if (change !== null) told.push(second);
    t.ok(change === null || change.reason === 'drift');
  }
  t.strictSame(told, [34, 68], 'each 10 ms');
  t.match(mapping.take(sampleAt(101, 7_200e6, 'ntp')), {
    reason: 'sync',
    source: 'ntp',
    uncertaintyUs: 4000,
    steppedUs: 7_200e6 - 68 * 300,
  });
  t.match(mapping.take(sampleAt(102, 7_200e6, 'unsynchronised')), {
    reason: 'drift',
    uncertaintyUs: null,
  });
  // Ten minutes of silence, in which a clock may be slewed by 300 ms.
  t.equal(mapping.take(sampleAt(702, 7_200e6 + 300_000, 'unsynchronised'))?.reason, 'drift');
  t.equal(mapping.take(sampleAt(703, 7_200e6 + 400_000, 'unsynchronised'))?.reason, 'step');
  t.end();
});

t.test('steps and a late sync stand in the certificate', async (t) => {
  const real = loadAddon();
  let offUs = 0;
  let synchronised = false;
  const server = await startServer(
    {},
    {
      clockState: () => {
        const clock = real.clockState();
        return { ...clock, wallUs: clock.wallUs + offUs, synchronised, maxErrorUs: 3000 };
      },
    },
  );
  t.teardown(() => server.close());
  const { client, monitor } = server;
  await client.send('POST', '/api/v1/recording', { body: { name: 'stepped' } });
  t.match(monitor.status().clock, { source: 'unsynchronised', uncertaintyMs: null });
  offUs = -3600e6;
  await until(() => monitor.status().clock.source === 'manual', 'the step is seen');
  await until(async () => {
    const saved = (await client.get('/api/v1/recordings/stepped')).json();
    return (saved['clock'] as unknown[]).length === 2;
  }, 'the certificate tells of it while the recording runs');
  offUs = 1e6;
  synchronised = true;
  await until(() => monitor.status().clock.source === 'ntp', 'the time server is seen');
  const { clock } = (await client.send('DELETE', '/api/v1/recording')).json();
  t.match(clock, [
    { reason: 'start', source: 'unsynchronised', uncertaintyUs: null },
    { reason: 'step', source: 'manual', uncertaintyUs: null },
    { reason: 'sync', source: 'ntp' },
  ]);
  const [start, step, sync] = clock as { fromSensorNs: number; wallUs: number }[];
  if (!start || !step || !sync) throw new Error('three entries');
  const offAt = (entry: typeof start): number =>
    entry.wallUs - start.wallUs - (entry.fromSensorNs - start.fromSensorNs) / 1000;
  t.ok(Math.abs(offAt(step) + 3600e6) < 10_000, `it stepped by ${offAt(step)} µs`);
  t.ok(Math.abs(offAt(sync) - 1e6) < 10_000, `then to ${offAt(sync)} µs`);
  const told = monitor.events.since(0).filter(({ type }) => type === 'clock');
  t.match(
    told.map(({ data }) => data['mapping']),
    [null, { reason: 'step' }, { reason: 'sync' }],
  );
});

/** A server whose wall clock is `offUs` from the real one. */
async function withSteppedClock(t: Test) {
  const clock = { offUs: 0 };
  const server = await startServer({}, { clockState: () => unsynchronised(clock.offUs) });
  t.teardown(() => server.close());
  const arm = (startAt: number) =>
    server.client.send('POST', '/api/v1/recording', { body: { name: 'armed', startAt } });
  const moves = () =>
    server.monitor.events.since(0).filter(({ data }) => data['action'] === 'moved');
  return { ...server, clock, arm, moves };
}

t.test('an armed recording follows the clock that is set', async (t) => {
  const { client, monitor, clock, arm, moves } = await withSteppedClock(t);
  const startAt = unsynchronised().wallUs + 3600e6;
  t.equal((await arm(startAt)).status, 201);
  clock.offUs = -3600e6;
  const [later] = await until(() => (moves().length === 1 ? moves() : null), 'it is moved away');
  const aheadMs = later?.data['startsInMs'] as number;
  t.ok(Math.abs(aheadMs - 7200e3) < 60_000, `it begins in ${aheadMs} ms`);
  t.match(monitor.status(), { state: 'armed', recording: { startAtWallUs: startAt } });
  const saved = (await client.get('/api/v1/recordings/armed')).json();
  const { at } = saved['start'] as { at: { wallUs: number; sensorNs: number } };
  const now = unsynchronised(clock.offUs);
  t.equal(at.wallUs, startAt);
  const offUs = (at.sensorNs - now.monotonicNs) / 1000 - (startAt - now.wallUs);
  t.ok(Math.abs(offUs) < 10_000, `the certificate's sensor time is ${offUs} µs off`);
  t.same(saved['plan'], { from: at, durationMs: null });

  clock.offUs = 3700e6; // its time is over by this clock
  await until(() => (monitor.status().recording?.frames ?? 0) > 0, 'it begins at once');
  t.match(moves()[1]?.data, { startsInMs: 0 });
  const certificate = (await client.send('DELETE', '/api/v1/recording')).json();
  t.match(certificate, { start: { at: { wallUs: startAt } }, stop: { reason: 'requested' } });
});

t.test(
  'an armed recording stays at its instant where that was asked, or the clock was wrong',
  async (t) => {
    const { client, monitor, clock, moves } = await withSteppedClock(t);
    const steps = () => monitor.events.since(0).filter(({ type }) => type === 'clock').length;
    const stepBy = async (us: number): Promise<void> => {
      const before = steps();
      clock.offUs += us;
      await until(() => steps() > before, 'the step is noticed');
    };
    const planOf = async () => {
      const { plan } = (await client.get('/api/v1/recordings/armed')).json();
      return plan as { from: { sensorNs: number } };
    };
    const armFor = async (body: Record<string, unknown>): Promise<number> => {
      const startAt = unsynchronised(clock.offUs).wallUs + 3600e6;
      const sent = { name: 'armed', startAt, ...body };
      t.equal((await client.send('POST', '/api/v1/recording', { body: sent })).status, 201);
      return (await planOf()).from.sensorNs;
    };
    const callOff = () => client.send('DELETE', '/api/v1/recording');

    const fixed = await armFor({ startFollowsClock: false });
    await stepBy(3700e6);
    t.match(await planOf(), { from: { sensorNs: fixed }, isFixed: true });
    t.equal(monitor.state, 'armed', 'it does not begin');
    t.equal((await callOff()).status, 204);

    const named = await armFor({});
    await stepBy(-400 * 86_400e6);
    t.match(await planOf(), { from: { sensorNs: named } }, 'it is not put off by a year');
    t.same(moves(), []);
    t.equal((await callOff()).status, 204);
  },
);

t.test('a step just before the end stands in the certificate', async (t) => {
  const { client, monitor, clock } = await withSteppedClock(t);
  await client.send('POST', '/api/v1/recording', { body: { name: 'late' } });
  await until(() => (monitor.status().recording?.frames ?? 0) > 0, 'it runs');
  clock.offUs = -3600e6;
  const answered = (await client.send('DELETE', '/api/v1/recording')).json();
  t.match(answered['clock'], [{ reason: 'start' }, { reason: 'step' }]);
  const saved = (await client.get('/api/v1/recordings/late')).json();
  t.same(saved['clock'], answered['clock'], 'on the disk as well');
});

t.test('the clock of the whole process is set back by an hour', async (t) => {
  const library = findFakeTime();
  if (library === null) {
    t.pass('a step of the real clock', { skip: 'libfaketime is not installed' });
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, 'small.json');
  const time = join(folder, 'time');
  await writeFile(config, JSON.stringify({ camera: { id: 'synthetic', width: 320, height: 180 } }));
  await writeFile(time, '+0\n');
  const { command, client } = await startMonitorCommand(
    ['--data', join(folder, 'data'), '--config', config],
    {
      LD_PRELOAD: library,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
      FAKETIME_TIMESTAMP_FILE: time,
    },
  );
  t.teardown(() => command.kill('SIGTERM'));
  await client.send('POST', '/api/v1/recording', { body: { name: 'hour' } });
  await writeFile(time, '-3600\n');
  const clockOf = async (): Promise<unknown[]> =>
    (await client.get('/api/v1/recordings/hour')).json()['clock'] as unknown[];
  await until(async () => (await clockOf()).length > 1, 'the step is seen');
  const certificate = (await client.send('DELETE', '/api/v1/recording')).json();
  const [start, step] = certificate['clock'] as { fromSensorNs: number; wallUs: number }[];
  if (!start || !step) throw new Error('two entries');
  const off = step.wallUs - start.wallUs - (step.fromSensorNs - start.fromSensorNs) / 1000;
  t.ok(Math.abs(off + 3600e6) < 1e6, `stepped by ${off} µs`);
  t.match(certificate, { clock: [{ reason: 'start' }, { reason: 'step' }] });
  t.not(certificate['verdict'], 'interrupted'); // a busy machine may lose a frame, but not for this
  const { start: first, stop: last } = certificate as Record<string, Record<string, number>>;
  t.ok((last?.['sensorNs'] ?? 0) > (first?.['sensorNs'] ?? 0), 'sensor time goes on');
  t.ok((last?.['wallUs'] ?? 0) < (first?.['wallUs'] ?? 0), 'wall time is what the clock said');
});

function findFakeTime(): string | null {
  for (const machine of ['x86_64', 'aarch64']) {
    const path = `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`;
    if (existsSync(path)) return path;
  }
  return null;
}
