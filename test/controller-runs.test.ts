import { join } from 'node:path';
import t from 'tap';
import { mergePatch, type JsonObject } from '../src/config/merge-patch.js';
import { Member } from '../src/controller/member.js';
import type { MonitorLink } from '../src/controller/monitor-link.js';
import { preflight as preflightOf } from '../src/controller/runs/preflight.js';
import type { Preflight, Run } from '../src/controller/runs/shapes.js';
import type { Certificate } from '../src/monitor/certificate.js';
import type { Status } from '../src/monitor/status.js';
import {
  monitorsOf,
  startController,
  startFleetMonitor,
  tempFolder,
  untilMonitors,
  type FleetMonitor,
  type TestController,
} from './support/fleet.js';
import { FaultyProxy } from './support/faulty-proxy.js';
import { until } from './support/until.js';

/** Real monitor processes that begin together, one of them over a link that fails. */

const { folder, remove } = await tempFolder();
let monitors: FleetMonitor[];
let proxy: FaultyProxy;
let controller: TestController;

t.before(async () => {
  const names = ['a', 'b', 'c', 'd'];
  monitors = await Promise.all(names.map((name) => startFleetMonitor(join(folder, name))));
  proxy = await FaultyProxy.to(monitors[3]!.client.port);
  const addresses = [...monitors.slice(0, 3).map(({ address }) => address), proxy.address];
  // Eight programs share few cores here: how sure the clocks are is asserted below, not limited.
  const limits = { clockUncertaintyMs: 1000 };
  controller = await startController(join(folder, 'controller'), { monitors: addresses, limits });
  await untilMonitors(controller.client, 4, ({ clock }) => clock !== null, 'all clocks are known');
});

t.teardown(async () => {
  proxy.unplug();
  await controller.stop();
  await Promise.all(monitors.map(({ command }) => command.kill('SIGTERM')));
  await remove();
});

async function preflight(body: Record<string, unknown>): Promise<Preflight[]> {
  const answer = await controller.client.send('POST', '/api/v1/preflight', { body });
  return answer.json()['items'] as Preflight[];
}

async function begin(body: Record<string, unknown>): Promise<string> {
  const answer = await controller.client.send('POST', '/api/v1/runs', { body });
  if (answer.status !== 202) throw new Error(answer.bytes.toString());
  return answer.json()['id'] as string;
}

function untilRun(id: string, ...states: Run['state'][]): Promise<Run> {
  return until(
    async () => {
      const run = (await controller.client.get(`/api/v1/runs/${id}`)).json() as unknown as Run;
      return states.includes(run.state) && run;
    },
    `the run is ${states.join(' or ')}`,
  );
}

async function statusOf({ client }: FleetMonitor): Promise<Status> {
  return (await client.get('/api/v1/status')).json() as unknown as Status;
}

async function allIdle(): Promise<boolean> {
  const states = await Promise.all(monitors.map(async (one) => (await statusOf(one)).state));
  return states.every((state) => state === 'idle');
}

t.test('before the start each monitor says whether it could begin, and why not', async (t) => {
  const ready = await preflight({ targets: 'all', duration: '1s' });
  t.same(
    ready.map(({ ready }) => ready),
    [true, true, true, true],
    JSON.stringify(ready),
  );
  const long = await preflight({ targets: 'all', duration: '360d' });
  t.match(
    long[0]!.checks.find(({ check }) => check === 'disk'),
    { ok: false },
  );

  await monitors[1]!.client.send('POST', '/api/v1/recording', { body: { name: 'busy' } });
  await untilMonitors(controller.client, 1, ({ status }) => status!.state === 'recording', 'seen');
  const busy = await preflight({ targets: 'all' });
  t.same(
    busy.map(({ ready }) => ready),
    [true, false, true, true],
  );
  t.match(busy[1]!.checks[1], { check: 'idle', ok: false, detail: /busy/ });

  const failed = await untilRun(await begin({ targets: 'all' }), 'failed');
  t.match(failed.monitors[1], { state: 'refused', reason: /busy/ });
  const recording = (await Promise.all(monitors.map(statusOf))).filter((one) => one.recording);
  t.equal(recording.length, 1, 'nobody else has begun');
  await monitors[1]!.client.send('DELETE', '/api/v1/recording');
  await untilMonitors(controller.client, 4, ({ status }) => status!.state === 'idle', 'idle');
});

t.test('every reason not to begin is found, and named', async (t) => {
  const [real, ...others] = controller.controller.fleet.members();
  const limits = { clockOffsetMs: 1000, clockUncertaintyMs: 20, temperatureC: 80 };
  const config = (await monitors[0]!.client.get('/api/v1/config')).json();
  const good = real!.status!;
  interface Fault {
    status?: Partial<Status>;
    clock?: MonitorLink['clock'];
    config?: JsonObject;
    conflict?: boolean;
    reachable?: boolean;
  }
  /** Like the real one, but for what is wrong with it. */
  const faulty = (fault: Fault): Member => {
    const {
      clock = { offsetUs: 0, uncertaintyUs: 100 },
      conflict = false,
      reachable = true,
    } = fault;
    const heard = { ...real!.heard!, status: { ...good, ...fault.status } };
    const body = Buffer.from(JSON.stringify(mergePatch(config, fault.config ?? {})));
    const call = () => Promise.resolve({ status: 200, body });
    const link = { heard, reachable, problem: null, clock, call } as unknown as MonitorLink;
    return new Member(real!.entry, link, conflict, []);
  };
  const { disk, health, camera } = good;
  const recording = { name: 'other' } as Status['recording'];
  const problem = { code: 'camera-lost', detail: 'The camera is silent.' } as Status['problem'];
  const cases: [string, string, RegExp, Fault][] = [
    ['nothing', '', /^$/, {}],
    ['no answer', 'reachable', /not answered/, { reachable: false }],
    ['two of it', 'reachable', /Two machines/, { conflict: true }],
    ['it records', 'idle', /recording other/, { status: { state: 'recording', recording } }],
    ['it is armed', 'idle', /armed/, { status: { state: 'armed' } }],
    ['no camera', 'camera', /none/, { status: { camera: null } }],
    ['a silent camera', 'camera', /silent/, { status: { camera, problem } }],
    ['a full disk', 'disk', /2.0 h/, { status: { disk: { ...disk, hoursLeft: 2 } } }],
    [
      'no disk',
      'disk',
      /not known/,
      { status: { disk: { ...disk, hoursLeft: null, freeBytes: null } } },
    ],
    ['no clock', 'clock', /not measured/, { clock: null }],
    [
      'a wrong clock',
      'clock',
      /off by 1500.0 ms/,
      { clock: { offsetUs: 1.5e6, uncertaintyUs: 9 } },
    ],
    [
      'an unsure clock',
      'clock',
      /known to 30.0 ms/,
      { clock: { offsetUs: 0, uncertaintyUs: 3e4 } },
    ],
    [
      'other settings',
      'settings',
      /recording\.container is "mkv", most have "mp4"/,
      { config: { recording: { container: 'mkv', nameTemplate: 'mine' } } },
    ],
    ['heat', 'temperature', /85 °C/, { status: { health: { ...health, temperatureC: 85 } } }],
    [
      'weak power',
      'temperature',
      /too weak/,
      { status: { health: { ...health, undervoltage: true } } },
    ],
  ];
  for (const [what, check, detail, fault] of cases) {
    // Those beside it are as most are.
    const checked = await preflightOf(
      [faulty(fault), faulty({}), faulty({})],
      4 * 3_600_000,
      limits,
    );
    const failed = checked[0]!.checks.filter(({ ok }) => !ok);
    t.same(
      failed.map((one) => one.check),
      check === '' ? [] : [check],
      what,
    );
    t.match(failed[0]?.detail ?? '', detail, what);
    t.equal(checked[0]!.ready, check === '', what);
    t.ok(checked[1]!.ready && checked[2]!.ready, `${what}: not the others`);
  }
  t.equal(others.length, 3);
});

t.test('one that is gone between arming and the start: nobody begins', async (t) => {
  const id = await begin({ targets: 'all', lead: '5s', name: 'gone' });
  await until(async () => {
    const run = (await controller.client.get(`/api/v1/runs/${id}`)).json() as unknown as Run;
    return run.monitors.every(({ state }) => state === 'ready');
  }, 'all are armed');
  await monitors[2]!.client.send('DELETE', '/api/v1/recording');
  const run = await untilRun(id, 'failed', 'running');
  t.equal(run.state, 'failed');
  t.match(run.monitors[2], { state: 'refused', reason: 'It was armed, and is idle now.' });
  await until(allIdle, 'all are as they were');
  await untilMonitors(controller.client, 4, ({ status }) => status!.state === 'idle', 'idle');
});

t.test('or the others begin without it, where that is wished', async (t) => {
  const wish = { targets: 'all', lead: '5s', name: 'without', duration: '500ms', without: true };
  const id = await begin(wish);
  await until(async () => {
    const run = (await controller.client.get(`/api/v1/runs/${id}`)).json() as unknown as Run;
    return run.monitors.every(({ state }) => state === 'ready');
  }, 'all are armed');
  await monitors[2]!.client.send('DELETE', '/api/v1/recording');
  const run = await untilRun(id, 'done', 'failed');
  t.same(
    run.monitors.map(({ state }) => state),
    ['done', 'done', 'refused', 'done'],
    JSON.stringify(run),
  );
  await untilMonitors(controller.client, 4, ({ status }) => status!.state === 'idle', 'idle');
});

t.test('all begin at one instant, and each is told how well', async (t) => {
  const id = await begin({
    targets: 'all',
    duration: '1s',
    lead: '2s',
    name: 'together',
    metadata: { subject: 'm12' },
  });
  const run = await untilRun(id, 'running', 'done', 'failed');
  t.equal(run.detail, null);
  const { spreadUs, uncertaintyUs, startAtWallUs } = run;
  const frameUs = 1e6 / 30;
  t.ok(spreadUs! <= frameUs + uncertaintyUs!, `spread ${spreadUs} ± ${uncertaintyUs} µs`);
  for (const { firstFrameWallUs } of run.monitors) {
    const lateUs = firstFrameWallUs! - startAtWallUs!;
    t.ok(
      lateUs > -uncertaintyUs! - 2000 && lateUs < 2 * frameUs + uncertaintyUs! + 2000,
      `${lateUs}`,
    );
  }
  const done = await untilRun(id, 'done');
  t.same(new Set(done.monitors.map(({ state }) => state)), new Set(['done']));
  for (const { client } of monitors) {
    const path = '/api/v1/recordings/together';
    const certificate = (await client.get(path)).json() as unknown as Certificate;
    t.match(certificate.metadata, { subject: 'm12', run: id });
    t.match(certificate.notes[0]?.text, /Started together with 3 others/);
  }
});

t.test('where one cannot be armed, nobody begins', async (t) => {
  proxy.fault = ({ method }) => ({ loseAnswer: method === 'POST' });
  const id = await begin({ targets: 'all', lead: '3s' });
  const run = await untilRun(id, 'failed', 'running');
  t.equal(run.state, 'failed');
  t.equal(run.detail, 'Not all could be armed in time.');
  await until(allIdle, 'all are as they were');
  for (const { client } of monitors) {
    const { items } = (await client.get('/api/v1/recordings')).json() as { items: unknown[] };
    t.ok(items.length <= 3, 'no recording is left of it');
  }
  proxy.fault = () => null;
});

t.test('the others begin without one that is gone, where that is wished', async (t) => {
  proxy.unplug();
  await untilMonitors(controller.client, 3, ({ reachable }) => reachable, 'one is gone');
  const refused = await untilRun(await begin({ targets: 'all' }), 'failed');
  t.equal(refused.detail, 'Not all are ready.');
  await until(
    async () => (await preflight({ targets: 'all' })).filter(({ ready }) => ready).length === 3,
    'the others are ready',
  );
  const id = await begin({ targets: 'all', lead: '3s', duration: '500ms', without: true });
  const run = await untilRun(id, 'done', 'failed');
  const states = run.monitors.map(({ state }) => state);
  t.same(states, ['done', 'done', 'done', 'refused'], JSON.stringify(run.monitors));
  t.equal((await monitorsOf(controller.client)).length, 4);
  const kept = controller.folder;
  await controller.stop();
  controller = await startController(kept);
  t.equal((await untilRun(id, 'done')).spreadUs, run.spreadUs, 'the report is kept');
});
