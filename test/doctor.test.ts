import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { resolveConfig } from '../src/config/config.js';
import { broker as brokerCheck } from '../src/doctor/checks/broker.js';
import { checks } from '../src/doctor/checks/index.js';
import type { Verdict } from '../src/doctor/check.js';
import { freeBytes, trialBytes, writeBytesPerSecond } from '../src/doctor/disk-probe.js';
import { examine, type Result } from '../src/doctor/examine.js';
import { conclusion, lineOf } from '../src/doctor/report.js';
import { thisMachine } from '../src/doctor/this-machine.js';
import { Problem } from '../src/errors.js';
import { TestBroker } from './support/broker.js';
import { Command, startMonitorCommand } from './support/command.js';
import {
  ffmpeg,
  machineWith,
  refusal,
  streamOf,
  synthetic,
  trialOf,
  type Traits,
} from './support/doctor-machine.js';
import { onAPi } from './support/fakepi.js';
import { freePort } from './support/monitor-process.js';

const run = promisify(execFile);

const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
t.teardown(() => rm(folder, { recursive: true }));

async function examined(traits: Traits): Promise<Result[]> {
  return examine(machineWith(traits), checks, () => undefined);
}

t.test('a Pi that is well', async (t) => {
  const told: string[] = [];
  const results = await examine(machineWith(), checks, ({ id }) => told.push(id));
  t.strictSame(
    results.map(({ id, state }) => [id, state]),
    checks.map(({ id }) => [id, 'ok']),
  );
  t.strictSame(
    told,
    checks.map(({ id }) => id),
    'each is told as it comes',
  );
  t.equal(new Set(told).size, checks.length);
  t.ok(
    results.every(({ remedy }) => remedy === null),
    'there is nothing to do',
  );
  t.equal(conclusion(results), 'All is well.');
});

const lab = { mqtt: { url: 'mqtt://broker.lab' } };

/** What a check says of a machine with these traits; null: nothing at all. */
const outcomes: [id: string, traits: Traits, state: Verdict | null, says: RegExp][] = [
  ['versions', {}, 'ok', /Node 20\.20\.2, Linux 6\.12.*, Raspberry Pi 4/],
  ['versions', { model: null }, 'ok', /rpi-v8$/],
  ['versions', { nodeVersion: '18.19.0' }, 'warn', /Use Node 20 or 22/],
  ['configuration', {}, 'ok', /1280×720 at 30 fps, encoder auto, to \/data/],
  ['configuration', { configProblem: 'x.json: camera.fps …' }, 'fail', /camera\.fps.*Correct/s],
  ['addon', {}, 'ok', /libavcodec 61/],
  ['addon', { native: 'It is not built.' }, 'fail', /not built.*npm start/s],
  ['libcamera', {}, 'ok', /0\.7\.2/],
  ['libcamera', { native: 'not built' }, null, /^$/],
  [
    'libcamera',
    { native: { libcamera: { available: false, version: null, reason: 'It was too old.' } } },
    'warn',
    /too old\..*libcamera-dev/s,
  ],
  ['camera', {}, 'ok', /imx708@1a gave 10 frames of 1280×720 at 30 fps/],
  ['camera', { native: 'not built' }, null, /^$/],
  ['camera', { native: onlySynthetic() }, 'warn', /No camera.*cable/s],
  [
    'camera',
    {
      native: {
        ...onlySynthetic(),
        libcamera: { available: false, version: null, reason: null },
      },
    },
    'warn',
    /No camera.*Install libcamera/s,
  ],
  ['camera', { native: onlySynthetic(), settings: { camera: { id: 'synthetic' } } }, 'ok', /./],
  ['camera', { native: { tryCamera: () => refusal('camera-busy') } }, 'fail', /other program/],
  [
    'camera',
    {
      native: { tryCamera: () => refusal('camera-busy') },
      monitor: { host: 'cage3', state: 'idle' },
    },
    'ok',
    /in use by the monitor/,
  ],
  ['camera', { native: { tryCamera: () => refusal('camera-unknown') } }, 'fail', /or auto/],
  ['camera', { native: { tryCamera: () => refusal('camera-lost') } }, 'fail', /cable/],
  ['encoder', {}, 'ok', /bcm2835-codec-encode \(driver bcm2835-codec\) at \/dev\/video11, up to/],
  ['encoder', { native: 'not built' }, null, /^$/],
  ['encoder', { ...withoutEncoder(), model: 'Raspberry Pi 5 Model B' }, 'ok', /software/],
  ['encoder', { ...withoutEncoder(), model: null }, 'ok', /software/],
  ['encoder', withoutEncoder(), 'warn', /though this board.*modprobe/s],
  ['encoder', { ...withoutEncoder(), settings: { encoder: { kind: 'software' } } }, 'ok', /./],
  [
    'encoder',
    { ...withoutEncoder(), settings: { encoder: { kind: 'v4l2' } } },
    'fail',
    /asks for it\..*auto/s,
  ],
  ['encoder', { ...withoutEncoder(), tryToOpen: async () => 'denied' }, 'warn', /usermod .* pi/],
  [
    'encoder',
    {
      ...withoutEncoder(),
      tryToOpen: async () => 'denied',
      settings: { encoder: { kind: 'v4l2' } },
    },
    'fail',
    /video11 may not be opened.*group video/s,
  ],
  ['encoder-v4l2', {}, 'ok', /30 of 30 frames of 1280×720 at 30 fps in 1\.1 s/],
  ['encoder-v4l2', withoutEncoder(), null, /^$/],
  ['encoder-v4l2', { native: { tryEncoder: async () => trialOf(29) } }, 'warn', /29 of 30.*slow/],
  [
    'encoder-v4l2',
    { native: { tryEncoder: async () => trialOf(30, 28) } },
    'warn',
    /only 28 can be decoded.*Update/,
  ],
  ['encoder-v4l2', { native: { tryEncoder: () => refusal('encoder-refused') } }, 'warn', /refused/],
  [
    'encoder-v4l2',
    {
      native: { tryEncoder: () => refusal('encoder-refused') },
      settings: { encoder: { kind: 'v4l2' } },
    },
    'fail',
    /refused/,
  ],
  ['encoder-v4l2', { monitor: { host: 'cage3', state: 'recording' } }, 'warn', /a recording runs/],
  ['encoder-software', {}, 'ok', /30 of 30/],
  ['encoder-software', { native: 'not built' }, null, /^$/],
  ['encoder-software', { native: { tryEncoder: async () => trialOf(3) } }, 'warn', /ultrafast/],
  [
    'encoder-software',
    { native: { tryEncoder: async () => trialOf(3), findEncoder: () => null } },
    'fail',
    /3 of 30/,
  ],
  [
    'encoder-software',
    {
      native: { tryEncoder: async () => trialOf(3) },
      settings: { encoder: { kind: 'software' } },
    },
    'fail',
    /3 of 30/,
  ],
  ['encoder-software', { monitor: { host: 'cage3', state: 'stopping' } }, 'warn', /a recording/],
  ['dma-heaps', {}, 'ok', /vidbuf_cached can be used/],
  [
    'dma-heaps',
    { tryToOpen: async (path) => (path.endsWith('cma') ? 'works' : 'absent') },
    'ok',
    /linux,cma can be used/,
  ],
  ['dma-heaps', { tryToOpen: async () => 'denied' }, 'warn', /may not be opened.*usermod/s],
  ['dma-heaps', { tryToOpen: async () => 'absent' }, 'warn', /none.*cma=/s],
  [
    'dma-heaps',
    { tryToOpen: async () => 'absent', settings: { encoder: { kind: 'v4l2' } } },
    'fail',
    /none/,
  ],
  ['dma-heaps', { ...withoutEncoder(), tryToOpen: async () => 'absent' }, 'ok', /not needed/],
  ['cma', {}, 'ok', /510 of 537 MB free/],
  ['cma', { files: { '/proc/meminfo': 'MemTotal: 1 kB\n' } }, 'ok', /none is set aside/],
  ['cma', { files: { '/proc/meminfo': '' } }, 'ok', /none is set aside/],
  ['cma', { files: { '/proc/meminfo': cma(20_000) } }, 'warn', /20 of .* 21 are needed.*cma-128/s],
  [
    'cma',
    {
      files: { '/proc/meminfo': cma(40_000) },
      settings: { camera: { width: 1920, height: 1080 } },
    },
    'warn',
    /41 of .* 44 are needed/,
  ],
  [
    'cma',
    { files: { '/proc/meminfo': cma(10_000) }, monitor: { host: 'cage3', state: 'idle' } },
    'ok',
    /10 of/,
  ],
  ['gpu-mem', {}, 'ok', /76 MB/],
  ['gpu-mem', { commands: { 'vcgencmd get_mem gpu': 'gpu=16M' } }, 'warn', /gpu_mem=64/],
  ['gpu-mem', { ...withoutEncoder(), commands: { 'vcgencmd get_mem gpu': 'gpu=8M' } }, 'ok', /8/],
  ['gpu-mem', { output: async () => null }, 'ok', /unknown: vcgencmd/],
  ['gpu-mem', { output: async () => null, model: null }, 'ok', /unknown: no Raspberry Pi/],
  ['throttling', {}, 'ok', /neither/],
  ['throttling', { files: { [firmware()]: '50000' } }, 'warn', /undervoltage-occurred.*supply/s],
  ['throttling', { files: { [firmware()]: '50005' } }, 'fail', /undervoltage, .*supply/s],
  ['throttling', { files: { [firmware()]: '80008' } }, 'warn', /soft-temperature.*Cool/s],
  [
    'throttling',
    { files: { [firmware()]: '' }, commands: { 'vcgencmd get_throttled': 'throttled=0x50000' } },
    'warn',
    /undervoltage-occurred/,
  ],
  ['throttling', { files: { [firmware()]: '' } }, 'ok', /unknown/],
  ['disk-space', {}, 'ok', /64\.0 GB free, about 37 hours/],
  ['disk-space', { freeBytes: async () => 2e9 }, 'warn', /2\.0 GB free, about 1\.1 hours.*remove/s],
  ['disk-space', { freeBytes: async () => 1e6 }, 'fail', /0\.0 GB free/],
  ['disk-space', { freeBytes: () => denied() }, 'fail', /EACCES/],
  ['disk-space', { settings: { encoder: { bitrate: 16 } } }, 'ok', /about 8\.9 hours/],
  ['disk-speed', {}, 'ok', /25\.0 MB\/s written and synced, about 0\.5 needed/],
  ['disk-speed', { writeBytesPerSecond: async () => 1e6 }, 'warn', /1\.0 MB\/s/],
  ['disk-speed', { writeBytesPerSecond: async () => 4e5 }, 'fail', /0\.4 MB\/s.*A1/s],
  ['disk-speed', { writeBytesPerSecond: () => denied() }, 'fail', /EACCES.*who owns/s],
  ['disk-speed', { freeBytes: async () => 60e6 }, 'warn', /too little is free/],
  ['disk-speed', { monitor: { host: 'cage3', state: 'recording' } }, 'warn', /a recording runs/],
  ['clock', {}, 'ok', /Z, kept by network time/],
  ['clock', { clock: async () => clockOf('unsynchronised') }, 'warn', /timedatectl/],
  ['clock', { clock: async () => clockOf('unknown') }, 'warn', /chrony/],
  ['converter', {}, 'ok', /7\.1\.1 \(the system/],
  ['converter', { findFfmpeg: async () => null }, 'warn', /cannot be converted.*apt install/s],
  [
    'converter',
    { findFfmpeg: async () => ({ ...ffmpeg, encodes: false }) },
    'warn',
    /lacks libx264/,
  ],
  ['time-zone', {}, 'ok', /Europe\/Berlin/],
  ['time-zone', { timeZone: 'UTC' }, 'warn', /UTC.*set-timezone/s],
  ['time-zone', { timeZone: 'Etc/UTC' }, 'warn', /names of recordings/],
  ['port', {}, 'ok', /8000 is free/],
  ['port', { settings: { server: { port: 0 } } }, 'ok', /any free one/],
  ['port', { monitor: { host: 'cage3', state: 'idle' } }, 'ok', /serves here \(cage3, idle\)/],
  [
    'port',
    { tryToListen: async () => 'EADDRINUSE', listener: async () => 'nginx (process 7)' },
    'fail',
    /8000 is taken by nginx \(process 7\)\./,
  ],
  ['port', { tryToListen: async () => 'EADDRINUSE' }, 'fail', /taken by another program/],
  ['port', { tryToListen: async () => 'EACCES' }, 'fail', /root only.*1024/s],
  [
    'port',
    { tryToListen: async () => 'EADDRNOTAVAIL', settings: { server: { host: '192.0.2.1' } } },
    'fail',
    /no address 192\.0\.2\.1/,
  ],
  ['port', { tryToListen: async () => 'EMFILE' }, 'fail', /EMFILE/],
  ['broker', {}, 'ok', /none/],
  ['broker', { settings: lab }, 'ok', /mqtt:\/\/broker\.lab lets this machine in, without a user/],
  [
    'broker',
    {
      settings: lab,
      tryBroker: async () => new Problem('unreachable', 'It is gone.', 'mqtt.url'),
    },
    'warn',
    /It is gone\. .*1883/,
  ],
  [
    'broker',
    {
      settings: lab,
      tryBroker: async () => new Problem('invalid-value', 'No file.', 'mqtt.passwordFile'),
    },
    'warn',
    /No file\. Name a file/,
  ],
  ['groups', {}, 'ok', /pi, in the groups video and render/],
  ['groups', { user: { name: 'root', isRoot: true, groups: [] } }, 'ok', /every device/],
  [
    'groups',
    { user: { name: 'ann', isRoot: false, groups: ['video'] } },
    'warn',
    /ann is not in render.*usermod -aG render ann/s,
  ],
  ['groups', { user: { name: 'ann', isRoot: false, groups: [] }, model: null }, 'ok', /only/],
];

function onlySynthetic() {
  return { listCameras: async () => [synthetic], tryCamera: async () => streamOf(synthetic) };
}

function withoutEncoder(): Traits {
  return { native: { findEncoder: () => null }, tryToOpen: async () => 'absent' };
}

function cma(freeKiB: number): string {
  return `CmaTotal:   65536 kB\nCmaFree:    ${freeKiB} kB\n`;
}

function firmware(): string {
  return '/sys/devices/platform/soc/soc:firmware/get_throttled';
}

function clockOf(source: 'unsynchronised' | 'unknown') {
  return { source, uncertaintyMs: null };
}

async function denied(): Promise<never> {
  throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
}

t.test('each check, each outcome', async (t) => {
  for (const [id, traits, state, says] of outcomes) {
    const result = (await examined(traits)).find((one) => one.id === id) ?? null;
    const said = result === null ? '' : `${result.detail} ${result.remedy ?? ''}`.trim();
    t.equal(result?.state ?? null, state, `${id} ${says.source}: ${said}`);
    t.match(said, says);
    t.equal(result?.remedy != null, state === 'warn' || state === 'fail', 'a remedy where needed');
  }
  t.strictSame(
    [...new Set(outcomes.map(([id]) => id))].sort(),
    checks.map(({ id }) => id).sort(),
    'of every check',
  );
});

t.test('a check that hangs or throws is a failure, and the others go on', async (t) => {
  const machine = machineWith();
  const finding = { state: 'ok', detail: 'fine', remedy: null } as const;
  const results = await examine(
    machine,
    [
      { id: 'a', title: 'A', limitMs: () => 20, run: () => new Promise(() => undefined) },
      {
        id: 'b',
        title: 'B',
        run: () => {
          throw new Error('Broken.');
        },
      },
      { id: 'c', title: 'C', run: () => null },
      { id: 'd', title: 'D', run: () => finding },
    ],
    () => undefined,
  );
  t.match(results, [
    { id: 'a', state: 'fail', detail: /no answer within 0 s/ },
    { id: 'b', state: 'fail', detail: 'Broken.' },
    { id: 'd', state: 'ok' },
  ]);
  t.equal(conclusion(results), '2 failed, 0 to look at: it cannot record as configured.');
  const line = lineOf({ id: 'e', title: 'E', state: 'warn', detail: 'Low.', remedy: 'Fill it.' });
  t.match(line, /^warn {2}E .* Low\.\n +→ Fill it\.$/);
});

t.test('the disk is tried where the recordings will be, and nothing is left', async (t) => {
  const wanted = join(folder, 'not', 'yet');
  t.ok((await freeBytes(wanted)) > trialBytes);
  t.ok((await writeBytesPerSecond(wanted)) > 0);
  t.strictSame(await readdir(folder), [], 'not even the folder');
  await writeFile(join(folder, 'file'), '');
  await t.rejects(writeBytesPerSecond(join(folder, 'file', 'below')), { code: 'ENOTDIR' });
  await rm(join(folder, 'file'));
});

/** Runs the command on this machine, with a synthetic camera of a small size. */
async function doctor(
  settings: Record<string, unknown>,
  port: number,
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; checks: Result[] }> {
  const data = await mkdtemp(join(folder, 'data-'));
  const config = { camera: { id: 'synthetic', width: 640, height: 360 }, ...settings };
  await writeFile(join(data, 'config.json'), JSON.stringify(config));
  const command = new Command(['doctor', '--json', '--data', data, '--port', String(port)], env);
  const { code } = await command.exit;
  t.strictSame(await readdir(data), ['config.json'], 'it leaves nothing');
  return { code, checks: (JSON.parse(command.stdout) as { checks: Result[] }).checks };
}

/** How many of them are lost is a matter of what else runs while the tests do. */
const tried = /^[1-9]\d* of 30 frames of 640×360 at 30 fps in /;

function detailOf(results: Result[], id: string): string | undefined {
  return results.find((one) => one.id === id)?.detail;
}

function stateOf(results: Result[], id: string): string | undefined {
  return results.find((one) => one.id === id)?.state;
}

t.test('on this machine', async (t) => {
  const other = createServer().listen(0);
  t.teardown(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const taken = await doctor({}, port);
  t.equal(taken.code, 1);
  for (const check of taken.checks) {
    t.strictSame(Object.keys(check), ['id', 'title', 'state', 'detail', 'remedy']);
    t.match(check.state, /^(ok|warn|fail)$/);
  }
  t.match(
    taken.checks.find(({ id }) => id === 'port'),
    { state: 'fail', detail: new RegExp(`${port} is taken by .* \\(process ${process.pid}\\)\\.`) },
  );
  for (const id of ['camera', 'addon', 'disk-space', 'configuration']) {
    t.equal(stateOf(taken.checks, id), 'ok', id);
  }
  t.match(detailOf(taken.checks, 'encoder-software'), tried);
  const free = await doctor({}, 0);
  t.equal(free.code, free.checks.some(({ state }) => state === 'fail') ? 1 : 0);
  t.equal(stateOf(free.checks, 'port'), 'ok');
  t.match(await doctor({ camera: { fps: 1000 } }, 0), { code: 1 });

  const words = new Command(['doctor', '--data', folder, '--port', '0']);
  await words.exit;
  t.match(words.stdout, /^ok {4}Versions .*Node /m);
  t.match(words.stdout.trim().split('\n').at(-1), /well|record/);
});

t.test('beside a monitor that records it disturbs nothing', async (t) => {
  const data = join(folder, 'running');
  await mkdir(data);
  const config = join(data, 'config.json');
  await writeFile(config, JSON.stringify({ camera: { id: 'synthetic', width: 320, height: 180 } }));
  const { command, client } = await startMonitorCommand(['--data', data, '--host', '127.0.0.1']);
  t.teardown(() => command.kill('SIGTERM'));
  await client.send('POST', '/api/v1/recording', { body: { name: 'run' } });
  const { checks } = await doctor({}, client.port);
  t.match(checks.find(({ id }) => id === 'port')?.detail, /a monitor serves here .*recording/);
  for (const id of ['encoder-software', 'disk-speed']) {
    t.match(checks.find((one) => one.id === id)?.detail, /a recording runs/, id);
  }
  t.match((await client.send('DELETE', '/api/v1/recording')).json(), { verdict: 'complete' });
});

t.test('on a Pi, as emulated', async (t) => {
  const well = await doctor({ encoder: { kind: 'v4l2' } }, 0, onAPi());
  t.match(
    well.checks.find(({ id }) => id === 'encoder'),
    { state: 'ok', detail: /bcm2835-codec-encode .* at \/dev\/video11/ },
  );
  t.match(detailOf(well.checks, 'encoder-v4l2'), tried);
  t.match(detailOf(well.checks, 'encoder-software'), tried);
  t.equal(stateOf(well.checks, 'dma-heaps'), 'ok');
  const refused = await doctor({}, 0, onAPi({ REFUSE: 'EPERM' }));
  t.match(
    refused.checks.find(({ id }) => id === 'encoder-v4l2'),
    { state: 'warn', detail: /gpu_mem/ },
    'auto: the software encoder takes over',
  );
  const asked = await doctor({ encoder: { kind: 'v4l2' } }, 0, onAPi({ CMA: '1M' }));
  t.match(
    asked.checks.find(({ id }) => id === 'encoder-v4l2'),
    { state: 'fail', detail: /contiguous memory/ },
  );
  t.equal(asked.code, 1);
  const absent = await doctor({ encoder: { kind: 'v4l2' } }, 0, onAPi({ ABSENT: '1' }));
  t.match(
    absent.checks.find(({ id }) => id === 'encoder'),
    { state: 'fail' },
  );
  t.equal(stateOf(absent.checks, 'encoder-v4l2'), undefined, 'there is nothing to try');
});

t.test('a broker is tried as the monitor would use it', async (t) => {
  const at = join(folder, 'broker');
  const passwords = join(folder, 'broker-passwords');
  await run('mosquitto_passwd', ['-b', '-c', passwords, 'cage3', 'right']);
  const broker = await TestBroker.start(at, [
    'allow_anonymous false',
    `password_file ${passwords}`,
  ]);
  t.teardown(() => broker.kill());
  const passwordFile = join(folder, 'mqtt-password');
  const found = async (mqtt: Record<string, unknown>): Promise<Result | undefined> => {
    const config = resolveConfig({ mqtt, dataFolder: folder });
    const machine = await thisMachine(config, null);
    return (await examine(machine, [brokerCheck], () => undefined))[0];
  };
  const user = { url: broker.url, username: 'cage3', passwordFile };
  await writeFile(passwordFile, 'right\n');
  t.match(await found(user), { state: 'ok', detail: /lets this machine in, as cage3/ });
  await writeFile(passwordFile, 'wrong\n');
  t.match(await found(user), {
    state: 'warn',
    detail: new RegExp(`127\\.0\\.0\\.1:${broker.port} refuses the user or the password`),
    remedy: /mqtt\.passwordFile/,
  });
  t.match(await found({ ...user, passwordFile: '/none' }), {
    state: 'warn',
    detail: /mqtt\.passwordFile cannot be read/,
  });
  t.match(await found({ url: broker.url.replace('mqtt:', 'mqtts:') }), {
    state: 'warn',
    detail: /breaks the connection off|does not speak TLS/,
    remedy: /where it speaks TLS/,
  });
  t.match(await found({ url: `mqtt://127.0.0.1:${await freePort()}` }), {
    state: 'warn',
    detail: /nothing listens there/,
    remedy: /1883/,
  });
  broker.freeze('SIGSTOP');
  t.match(await found(user), { state: 'warn', detail: /does not answer/ });
  broker.freeze('SIGCONT');
});
