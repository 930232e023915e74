import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { reportToSystemd } from '../src/commands/service.js';
import { withReasons } from '../src/monitor/gaps.js';
import { Supervision, type Remedy } from '../src/monitor/supervision.js';
import { loadAddon, type Addon, type Session } from '../src/native.js';
import { Systemd } from '../src/system/systemd.js';
import { startMonitorCommand } from './support/command.js';
import { startServer, type TestServer } from './support/server.js';
import { until } from './support/until.js';
import { videoStamps } from './support/video-stamps.js';

t.test('when which remedy is due', (t) => {
  const supervision = new Supervision();
  /** What is said at each of these seconds, with so many frames captured by then. */
  const say = (captured: number | null, fps: number, ...seconds: number[]): (Remedy | null)[] =>
    seconds.map((second) => supervision.look(captured, fps, second * 1000));
  t.strictSame(say(null, 30, 0, 10, 20), [null, null, null], 'no camera is meant to run');
  t.strictSame(say(5, 30, 21, 22, 22.9, 23, 24), [null, null, null, 'restart', null]);
  t.strictSame(say(5, 30, 25, 26, 27, 40), ['reopen', null, 'give-up', null]);
  t.strictSame(say(null, 30, 41), [null]);
  t.strictSame(say(5, 1, 42, 44, 46.9, 47), [null, null, null, 'restart'], 'five frame times');
  supervision.remedied(60_000);
  t.strictSame(say(5, 1, 64.9, 65), [null, 'reopen'], 'patience counts from the end of a remedy');
  t.strictSame(say(6, 30, 66), [null]);
  t.strictSame(say(7, 30, 100, 102), [null, 'give-up'], 'it was not well for long');
  t.strictSame(say(8, 30, 163, 165), [null, 'restart'], 'now it was');
  t.strictSame(say(9, 30, 230), [null]);
  t.equal(supervision.failed(231_000), 'reopen', 'one that says so itself is not merely restarted');
  t.strictSame(say(9, 30, 232, 233), [null, 'give-up'], 'no frames came of that');
  t.equal(supervision.failed(234_000), null);
  t.end();
});

t.test('gaps get the reasons that were noted', (t) => {
  const gap = { afterFrame: 1, frames: 2, sensorNs: 100 };
  const counted = [
    { ...gap, stage: 'sensor' as const },
    { ...gap, stage: 'sensor' as const, sensorNs: 200 },
    { ...gap, stage: 'encoder' as const, sensorNs: 330 },
    { ...gap, stage: 'sensor' as const, sensorNs: 330 },
  ];
  const noted = [
    { ...gap, stage: 'sensor' as const, sensorNs: 200, reason: 'camera-restarted' as const },
    { ...gap, stage: 'sensor' as const, sensorNs: 300, reason: 'camera-reopened' as const },
  ];
  t.strictSame(
    withReasons(counted, noted).map(({ reason }) => reason),
    [undefined, 'camera-restarted', undefined, 'camera-reopened'],
  );
  t.end();
});

const framesOf = ({ monitor }: TestServer): number => monitor.status().recording?.frames ?? 0;

async function moreFrames(server: TestServer, limitMs?: number): Promise<void> {
  const before = framesOf(server);
  await until(() => framesOf(server) > before + 20, 'more frames are written', limitMs);
}

t.test(
  'a silent camera is started again, then opened anew, and the recording goes on',
  async (t) => {
    const server = await startServer();
    t.teardown(() => server.close());
    const { client, monitor } = server;
    await client.send('PATCH', '/api/v1/controls', { body: { Brightness: 0.5 } });
    await client.send('POST', '/api/v1/recording', { body: { name: 'silent' } });
    await moreFrames(server);
    const silence = { kind: 'stall', milliseconds: 600_000 } as const;
    server.session().inject(silence);
    await until(() => !monitor.flowing, 'it is missed');
    t.equal((await client.get('/healthz')).status, 503);
    await moreFrames(server);
    t.match((await client.get('/api/v1/recordings/silent')).json(), {
      state: 'recording',
      gaps: [{ stage: 'sensor', reason: 'camera-restarted' }],
    });
    server.session().inject(silence);
    await until(() => !monitor.flowing, 'it is missed again');
    await moreFrames(server);
    const certificate = (await client.send('DELETE', '/api/v1/recording')).json();
    t.match(certificate, {
      verdict: 'gaps',
      stop: { reason: 'requested' },
      gaps: [
        { stage: 'sensor', reason: 'camera-restarted' },
        { stage: 'sensor', reason: 'camera-reopened' },
      ],
    });
    t.equal(monitor.controls().find(({ id }) => id === 'Brightness')?.value, 0.5, 'set as before');

    const gaps = certificate['gaps'] as { frames: number; afterFrame: number; sensorNs: number }[];
    const frames = certificate['frames'] as { expected: number; written: number };
    const losses = certificate['losses'] as { sensor: number; source: number };
    t.equal(
      frames.expected,
      frames.written + losses.sensor + losses.source,
      'all are accounted for',
    );
    const stamps = await videoStamps(
      join(monitor.recordings.folder, 'silent', 'silent_0000.mp4'),
      320,
    );
    t.equal(stamps.length, frames.written);
    for (const gap of gaps) {
      const before = stamps[gap.afterFrame - 1]?.sensorUs ?? 0;
      const after = stamps[gap.afterFrame]?.sensorUs ?? 0;
      t.equal(after, Math.floor(gap.sensorNs / 1000), 'the gap is where it is said to be');
      t.equal(Math.round(((after - before) * 30) / 1e6) - 1, gap.frames, 'and as long');
      t.ok(gap.frames > 50);
    }
    const told = monitor.events.since(0);
    t.equal(told.filter(({ data }) => data['action'] === 'gap').length, 2);
    t.equal(monitor.status().state, 'idle');
  },
);

t.test(
  'a camera that fails is opened anew under the recording; failing again ends it',
  async (t) => {
    const server = await startServer();
    t.teardown(() => server.close());
    const { client, monitor } = server;
    await client.send('POST', '/api/v1/recording', { body: { name: 'failed' } });
    await moreFrames(server);
    server.session().inject({ kind: 'fail' });
    await until(
      () => monitor.events.since(0).some(({ data }) => data['action'] === 'gap'),
      'frames come again',
    );
    await moreFrames(server);
    t.match((await client.get('/api/v1/recordings/failed')).json(), {
      state: 'recording',
      gaps: [{ stage: 'sensor', reason: 'camera-reopened' }],
    });
    server.session().inject({ kind: 'fail' });
    await monitor.gaveUp;
    const certificate = await monitor.library.get('failed');
    t.match(certificate, { verdict: 'interrupted', stop: { reason: 'camera-lost' } });
    const { written, expected } = certificate.frames ?? { written: 0, expected: 0 };
    const { sensor = NaN, source = NaN } = certificate.losses ?? {};
    t.equal(expected, written + sensor + source, 'all are accounted for');
    const path = join(monitor.recordings.folder, 'failed', 'failed_0000.mp4');
    t.equal((await videoStamps(path, 320)).length, written);
    t.match(JSON.stringify(monitor.events.since(0)), /told to fail\. It is opened anew\./);
    await until(() => monitor.status().state === 'idle', 'a session made anew works');
  },
);

/** An addon whose cameras cannot be restarted. */
function withoutRestart(addon: Addon): Partial<Addon> {
  const { Session: Real } = addon;
  const Stubborn = function (listener: ConstructorParameters<typeof Real>[0]): Session {
    const session = new Real(listener);
    const restartCamera = (): Promise<void> => Promise.reject(new Error('It does not come.'));
    return Object.defineProperty(session, 'restartCamera', { value: restartCamera });
  } as unknown as Addon['Session'];
  return { Session: Stubborn };
}

t.test('a camera that cannot be brought back is given up, and tried again', async (t) => {
  const server = await startServer({}, withoutRestart(loadAddon()));
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const started = await client.send('POST', '/api/v1/recording', { body: { name: 'lost' } });
  t.equal(started.status, 201, started.bytes.toString());
  await moreFrames(server);
  server.session().inject({ kind: 'stall', milliseconds: 600_000 });
  await monitor.gaveUp;
  const certificate = await monitor.library.get('lost');
  t.match(certificate, { verdict: 'interrupted', stop: { reason: 'camera-lost' } });
  await until(() => monitor.status().state === 'camera-lost', 'the state says so');
  t.match(monitor.status().problem, { code: 'camera-lost' });
  await until(() => monitor.status().state === 'idle', 'a session made anew works');
});

t.test('systemd hears what it needs', async (t) => {
  const said: string[] = [];
  const send = (path: string, message: string): boolean => said.push(`${path} ${message}`) > 0;
  const environment = { NOTIFY_SOCKET: '@x', WATCHDOG_USEC: '300000' };
  const alone = new Systemd({ WATCHDOG_USEC: '300000' }, send);
  alone.ready();
  t.match(alone, { listens: false, watchdogMs: null });
  t.strictSame(said, [], 'where it did not start the service, nothing');
  t.equal(new Systemd({ ...environment, WATCHDOG_PID: '1' }, send, 2).watchdogMs, null);

  const server = await startServer();
  t.teardown(() => server.close());
  await until(() => server.monitor.flowing, 'frames come');
  const systemd = new Systemd(environment, send);
  t.equal(systemd.watchdogMs, 300);
  const stop = reportToSystemd(systemd, server.monitor);
  t.strictSame(said, ['@x READY=1', '@x STATUS=idle']);
  const beats = (): number => said.filter((one) => one === '@x WATCHDOG=1').length;
  await until(() => beats() > 2, 'the watchdog is content');
  server.session().inject({ kind: 'stall', milliseconds: 600_000 });
  await until(() => !server.monitor.flowing, 'no frames come');
  const before = beats();
  await until(() => server.monitor.flowing, 'they come again');
  t.ok(beats() <= before + 1, 'no word while none came');
  await until(() => beats() > before + 2, 'content again');
  stop();
  t.equal(said.at(-1), '@x STOPPING=1');
});

const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace('@', '\\0'))
print('bound', flush=True)
while True: print(s.recv(4096).decode(), flush=True)`;

/** Receives as systemd does; the lines that came so far. */
async function receive(t: Test, path: string): Promise<string[]> {
  const child = spawn('python3', ['-c', receiver, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  await once(reader, 'line');
  reader.on('line', (line) => lines.push(line));
  return lines;
}

t.test('a whole process under systemd', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const addon = loadAddon();
  const notifySocket = (to: string, message: string): boolean => addon.notifySocket(to, message);
  t.equal(notifySocket(join(folder, 'nobody'), 'READY=1'), false);
  t.equal(notifySocket('', 'READY=1'), false);
  t.equal(notifySocket('x'.repeat(200), 'READY=1'), false);
  for (const path of [join(folder, 'notify'), `@pi-monitor-test-${process.pid}`]) {
    const lines = await receive(t, path);
    const { command } = await startMonitorCommand(
      ['--data', join(folder, 'data'), '--camera', 'synthetic'],
      { NOTIFY_SOCKET: path, WATCHDOG_USEC: '900000' },
    );
    await until(() => lines.includes('WATCHDOG=1'), 'the watchdog hears of it');
    t.equal(lines[0], 'READY=1');
    t.equal(lines[1], 'STATUS=idle');
    t.equal((await command.kill('SIGTERM')).code, 0);
    t.equal(lines.at(-1), 'STOPPING=1');
  }
});
