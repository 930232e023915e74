import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Command as Order, Outcome } from '../src/controller/commands/outcome.js';
import type { Preflight, Run } from '../src/controller/runs/shapes.js';
import type { MonitorView } from '../src/controller/shapes.js';
import type { Transfer } from '../src/controller/transfers/shapes.js';
import type { Certificate } from '../src/monitor/certificate.js';
import type { FaultKind } from '../src/rehearsal/faults.js';
import { Rehearsal } from '../src/rehearsal/rehearsal.js';
import { startControllerCommand, type MonitorCommand } from './support/command.js';
import { monitorsOf, tempFolder, untilMonitors } from './support/fleet.js';
import { until } from './support/until.js';

/**
 * The controller as a process of its own, over simulated monitors that fail in every way: nothing is lost,
 * nothing is done twice, and its state is right within five seconds.
 */

const rightWithinMs = 5000;
const count = 4;
const { folder, remove } = await tempFolder();
let rehearsal: Rehearsal;
let controller: MonitorCommand;

t.before(async () => {
  rehearsal = await Rehearsal.start(count);
  const settings = {
    monitors: rehearsal.addresses,
    discovery: false,
    limits: { clockUncertaintyMs: 1000 },
    transfers: { megabitsPerSecond: 3 }, // so that a transfer can be met in its middle
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'controller.json'), JSON.stringify(settings));
  await startAgain();
});

t.teardown(async () => {
  await controller.command.kill('SIGTERM');
  await rehearsal.stop();
  await remove();
});

t.beforeEach(async () => {
  for (const { monitor } of rehearsal.faults) rehearsal.end(monitor);
  await wellAgain();
});

async function startAgain(): Promise<void> {
  controller = await startControllerCommand(['--data', folder]);
  await wellAgain();
}

async function wellAgain(): Promise<void> {
  const isWell = ({ reachable, conflict, clock }: MonitorView): boolean =>
    reachable && !conflict && clock !== null;
  await untilMonitors(controller.client, count, isWell, 'all are well');
}

function play(monitor: string, fault: FaultKind): void {
  rehearsal.play({ monitor, fault, for: 'inf' });
}

async function seen(name: string): Promise<MonitorView> {
  const monitors = await monitorsOf(controller.client);
  const index = rehearsal.names.indexOf(name);
  const one = monitors.find(({ address }) => address === rehearsal.addresses[index]);
  if (one === undefined) throw new Error(`${name} is gone`);
  return one;
}

/** Waits until the controller shows it so, for as long as it may take. */
async function untilSeen(name: string, what: string, is: (one: MonitorView) => boolean) {
  return until(async () => is(await seen(name)), `${name} ${what}`, rightWithinMs);
}

/** What the monitor itself says, not by way of the controller. */
async function ask<T>(name: string, path: string, init: RequestInit = {}): Promise<T> {
  const address = rehearsal.addresses[rehearsal.names.indexOf(name)];
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`http://${address}/api/v1${path}`, { headers, ...init });
  return (await answer.json()) as T;
}

async function post<T>(path: string, body: object): Promise<T> {
  return (await controller.client.send('POST', path, { body })).json() as T;
}

async function get<T>(path: string): Promise<T> {
  return (await controller.client.get(path)).json() as T;
}

async function begin(command: string, args: object = {}): Promise<() => Promise<Outcome[]>> {
  const { id } = await post<Order>('/api/v1/commands', { targets: 'all', command, args });
  return () =>
    until(
      async () => {
        const { state, monitors } = await get<Order>(`/api/v1/commands/${id}`);
        return state === 'ended' && monitors;
      },
      `${command} has ended`,
      30_000,
    );
}

async function give(command: string, args: object = {}): Promise<Outcome[]> {
  return (await begin(command, args))();
}

function of(outcomes: readonly Outcome[], name: string): Outcome | undefined {
  return outcomes.find((one) => one.name === name);
}

async function recordings(name: string): Promise<Certificate[]> {
  return (await ask<{ items: Certificate[] }>(name, '/recordings')).items;
}

/** Every monitor records until `frames` are written; captured = written + losses holds at each. */
async function record(name: string, frames: number): Promise<void> {
  t.ok((await give('start', { name })).every(({ state }) => state === 'done'));
  const written = ({ status }: MonitorView): boolean => (status?.recording?.frames ?? 0) >= frames;
  await untilMonitors(controller.client, count, written, 'they record');
  t.ok((await give('stop')).every(({ state }) => state === 'done'));
  for (const monitor of rehearsal.names) {
    const { frames, losses } = await ask<Certificate>(monitor, `/recordings/${name}`);
    const { encoder = 0, writer = 0 } = losses ?? {};
    t.equal(frames?.captured, (frames?.written ?? 0) + encoder + writer, `${monitor}: all counted`);
  }
}

t.test('a monitor is unplugged while a command is on its way to it', async (t) => {
  play('cage02', 'slow'); // the command takes three seconds to reach it
  await until(async () => isSlow('cage02'), 'it is slow');
  const outcomes = await begin('start', { name: 'unplugged' });
  play('cage02', 'reboot');
  await untilSeen('cage02', 'is seen to be gone', ({ reachable }) => !reachable);
  const ended = await outcomes();
  t.match(of(ended, 'cage02'), { state: 'unreachable', code: 'unreachable' });
  t.equal(ended.filter(({ state }) => state === 'done').length, count - 1, 'the others record');

  rehearsal.end('cage02');
  await until(() => ask('cage02', '/status').catch(() => null), 'it answers again');
  await untilSeen('cage02', 'is shown as it is', ({ reachable, status }) => {
    return reachable && status?.state === 'idle';
  });
  t.same(await recordings('cage02'), [], 'what was not done is not done later');
  await give('stop');
});

async function isSlow(name: string): Promise<boolean> {
  const began = performance.now();
  await ask(name, '/status');
  return performance.now() - began > 2500;
}

t.test(
  'a monitor that takes three seconds for an answer is there, and does all once',
  async (t) => {
    play('cage03', 'slow');
    await until(async () => isSlow('cage03'), 'it is slow');
    const unreachable: number[] = [];
    const began = performance.now();
    const watch = setInterval(() => {
      void seen('cage03').then(({ reachable }) => {
        if (!reachable) unreachable.push(performance.now() - began);
      });
    }, 100);
    t.match(of(await give('start', { name: 'slow' }), 'cage03'), { state: 'done' });
    await untilSeen('cage03', 'is shown to record', ({ status }) => status?.state === 'recording');
    t.match(of(await give('stop'), 'cage03'), { state: 'done' });
    // A whole round of what is asked of it: three times the status, and the clock.
    await new Promise((resolve) => setTimeout(resolve, 8000));
    clearInterval(watch);
    t.same(unreachable, [], 'it was never called unreachable');
    rehearsal.end('cage03');
    t.equal((await recordings('cage03')).filter(({ name }) => name.startsWith('slow')).length, 1);
  },
);

t.test('a monitor reboots in a recording', async (t) => {
  await give('start', { name: 'rebooted' });
  play('cage04', 'reboot');
  await untilSeen('cage04', 'is seen to be gone', ({ reachable }) => !reachable);
  rehearsal.end('cage04');
  await until(() => ask('cage04', '/status').catch(() => null), 'it answers again');
  await untilSeen('cage04', 'goes on with its recording', ({ reachable, status }) => {
    return reachable && status?.recording?.name === 'rebooted';
  });
  t.ok((await give('stop')).every(({ state }) => state === 'done'));
  const found = (await recordings('cage04')).filter(({ name }) => name.startsWith('rebooted'));
  t.equal(found.length, 1);
  t.not(found[0]?.verdict, 'complete', 'and says that it was broken off');
});

t.test('a clock that is a year wrong', async (t) => {
  play('cage02', 'clock-jump');
  const yearUs = 365 * 86_400e6;
  await untilSeen('cage02', 'is seen to be wrong, and kept by nobody', ({ clock, status }) => {
    const isOff = Math.abs((clock?.offsetUs ?? 0) - yearUs) < 1e6;
    return isOff && status?.clock.source === 'manual';
  });
  const { items } = await post<{ items: Preflight[] }>('/api/v1/preflight', { targets: 'all' });
  const unready = items.filter(({ ready }) => !ready);
  t.match(unready, [{ name: 'cage02' }], 'it is not let begin together with the others');
  const wish = { targets: 'all', duration: '1s' };
  const { id } = await post<Run>('/api/v1/runs', wish);
  await until(
    async () => (await get<Run>(`/api/v1/runs/${id}`)).state === 'failed',
    'it is refused',
  );
  t.match(of(await give('set-clock'), 'cage02'), { state: 'done' });
  await untilSeen('cage02', 'is right', ({ clock }) => Math.abs(clock?.offsetUs ?? 1e9) < 5e5);
  const again = await post<Run>('/api/v1/runs', wish);
  const run = await until(async () => {
    const now = await get<Run>(`/api/v1/runs/${again.id}`);
    return (now.state === 'done' || now.state === 'failed') && now;
  }, 'they have begun together');
  t.equal(run.state, 'done', run.detail ?? '');
});

t.test('a disk that is full', async (t) => {
  play('cage03', 'full-disk');
  const outcomes = await give('start', { name: 'full' });
  t.match(of(outcomes, 'cage03'), { state: 'refused', code: 'disk-full' });
  t.equal(outcomes.filter(({ state }) => state === 'done').length, count - 1);
  play('cage04', 'full-disk');
  await untilSeen('cage04', 'has stopped by itself', ({ status }) => status?.state === 'idle');
  t.match((await recordings('cage04'))[0], { name: 'full', stop: { reason: 'disk-reserve' } });
  await give('stop');
});

async function transfer(name: string): Promise<string> {
  const wish = { targets: 'all', recordings: [name] };
  return (await post<Transfer>('/api/v1/transfers', wish)).id;
}

/** Waits until some of it is there and not all. */
async function midway(id: string): Promise<Transfer> {
  return until(async () => {
    const now = await get<Transfer>(`/api/v1/transfers/${id}`);
    return now.items.some(({ state, bytes }) => state === 'fetching' && bytes > 20_000) && now;
  }, 'it is in its middle');
}

async function checkFetched(t: Test, id: string, name: string): Promise<void> {
  const ended = await until(
    async () => {
      const now = await get<Transfer>(`/api/v1/transfers/${id}`);
      return now.state !== 'running' && now;
    },
    'it has ended',
    40_000,
  );
  t.match(ended, { state: 'done' });
  t.equal(ended.items.length, count);
  t.ok(ended.items.every(({ state, marked }) => state === 'done' && marked));
  for (const monitor of rehearsal.names) {
    const certificate = await ask<Certificate>(monitor, `/recordings/${name}`);
    t.match(certificate.transferred, { by: 'controller' });
    const owner = (await readdir(join(folder, 'fetched'))).find((one) => one.startsWith(monitor));
    const copy = join(folder, 'fetched', owner ?? '', name);
    for (const { path, sha256 } of certificate.files) {
      const bytes = await readFile(join(copy, path));
      t.equal(createHash('sha256').update(bytes).digest('hex'), sha256, `${monitor}: ${path}`);
    }
    t.notOk(
      (await readdir(copy)).some((file) => file.endsWith('.part')),
      'nothing is left over',
    );
  }
}

t.test('the controller is killed in a transfer', async (t) => {
  await record('killed', 40);
  const id = await transfer('killed');
  const before = await midway(id);
  await controller.command.kill('SIGKILL');
  await startAgain();
  await until(
    async () => {
      const after = await get<Partial<Transfer>>(`/api/v1/transfers/${id}`);
      return after.items?.length === before.items.length;
    },
    'it knows of all of them',
    rightWithinMs,
  );
  await checkFetched(t, id, 'killed');
});

t.test('a monitor is restarted in a transfer', async (t) => {
  await record('restarted', 40);
  const id = await transfer('restarted');
  const { items } = await midway(id);
  const { name = '' } = items.find(({ state }) => state === 'fetching') ?? {};
  await ask(name, '/system/restart', { method: 'POST', body: '{}' });
  await untilSeen(name, 'is seen to be gone', ({ reachable }) => !reachable);
  await checkFetched(t, id, 'restarted');
});

t.test('the controller is killed while a common start is armed', async (t) => {
  const before = await Promise.all(rehearsal.names.map(recordings));
  const { id } = await post<Run>('/api/v1/runs', { targets: 'all', duration: '2s', lead: '3s' });
  await until(
    async () => (await get<Run>(`/api/v1/runs/${id}`)).state === 'armed',
    'all are armed',
  );
  await controller.command.kill('SIGKILL');
  await startAgain();
  const run = await get<Run>(`/api/v1/runs/${id}`);
  t.match(run, { state: 'failed', detail: /begins all the same/ });
  for (const [i, name] of rehearsal.names.entries()) {
    const known = new Set(before[i]?.map((one) => one.name));
    const recorded = await until(async () => {
      const found = (await recordings(name)).filter((one) => !known.has(one.name));
      return found.some(({ stop }) => stop !== null) && found;
    }, `${name} has recorded`);
    t.match(recorded, [{ stop: { reason: 'duration' } }], `${name} has recorded it, once`);
  }
});
