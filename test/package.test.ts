import { basename, join } from 'node:path';
import t, { type Test } from 'tap';
import { must, project, Rehearsal } from './support/rehearsal.js';
import { until } from './support/until.js';

/** services/package/test.sh has made these: the package, and the same with a higher version. */
const { PACKAGE_ROOT: root, PACKAGE_DEB: deb, PACKAGE_NEXT_DEB: nextDeb } = process.env;

interface Status {
  state: string;
  recording: { name: string; frames: number } | null;
  versions: { piMonitor: string };
}

interface Certificate {
  frames: { captured: number; written: number };
  losses: { encoder: number; writer: number };
}

const data = '/var/lib/pi-monitor';
const inRoot = join(project, 'services/package/in-root.sh');

t.test(
  'the package, in a trixie booted under systemd',
  { skip: root && deb && nextDeb ? false : 'it takes minutes: npm run package:test' },
  async (t) => {
    if (!root || !deb || !nextDeb) return;
    await fetchDependencies(root, [deb, nextDeb]);
    const machine = await Rehearsal.boot(root);
    t.teardown(() => machine.remove());

    const install = (file: string, ...options: string[]): Promise<string> =>
      machine.must(
        ...(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y'] as const),
        ...['--no-install-recommends', ...options, `/packages/${basename(file)}`],
      );
    const versionOf = (file: string): string => basename(file).split('_')[1] ?? '';
    const show = (unit: string, property: string): Promise<string> =>
      machine.must('systemctl', 'show', unit, '--property', property, '--value');
    const status = (): Promise<Status | null> =>
      machine.ask('GET', '/api/v1/status') as Promise<Status | null>;
    const has = async (path: string): Promise<boolean> =>
      (await machine.run('test', '-e', path)).code === 0;
    const record = async (name: string): Promise<void> => {
      await machine.ask('POST', '/api/v1/recording', { name });
      await until(async () => ((await status())?.recording?.frames ?? 0) >= 30, 'a second of it');
    };
    const stopRecording = async (t: Test): Promise<void> => {
      const { frames, losses } = (await machine.ask('DELETE', '/api/v1/recording')) as Certificate;
      t.ok(frames.written >= 30);
      t.equal(frames.captured, frames.written + losses.encoder + losses.writer);
    };

    await t.test('apt installs it with what it depends on; the monitor is READY', async (t) => {
      await install(deb);
      t.equal(await show('monitor', 'ActiveState'), 'active');
      t.equal(await show('monitor', 'UnitFileState'), 'enabled');
      t.equal(await show('controller', 'UnitFileState'), 'disabled');
      t.equal(await show('controller', 'ActiveState'), 'inactive');
      t.equal(await show('monitor', 'User'), 'pi-monitor');
      t.match(await machine.must('id', 'pi-monitor'), /video.*render|render.*video/);
      t.equal((await status())?.versions.piMonitor, versionOf(deb));
    });

    await t.test('the program is on the path, with a page of the manual', async (t) => {
      t.equal(await machine.must('pi-monitor', '--version'), versionOf(deb));
      t.match(await machine.must('pi-monitor', 'cameras'), /libcamera 0\.4/);
      t.ok(await has('/usr/share/man/man1/pi-monitor.1.gz'));
    });

    await t.test('it records a second, and the video plays', async (t) => {
      await record('first');
      await stopRecording(t);
      const video = `${data}/recordings/first/first_0000.mp4`;
      const probed = await machine.must(
        ...(['ffprobe', '-v', 'error', '-count_frames', '-show_entries'] as const),
        ...['stream=nb_read_frames,nb_frames', '-of', 'csv=p=0', video],
      );
      const [frames, decoded] = probed.split(',').map(Number);
      t.ok(frames && frames >= 30);
      t.equal(decoded, frames);
    });

    await t.test('an upgrade leaves a running recording alone', async (t) => {
      t.match(await machine.ask('PATCH', '/api/v1/config', { camera: { fps: 25 } }), {});
      await machine.must(
        'sed',
        '-i',
        '$a CONTROLLER_OPTIONS=--port 8001',
        '/etc/default/pi-monitor',
      );
      await record('second');
      const before = await show('monitor', 'MainPID');
      const said = await install(nextDeb);
      t.match(said, /a recording runs and goes on with the old version/);
      t.equal(await show('monitor', 'MainPID'), before);
      t.match(await status(), { state: 'recording', versions: { piMonitor: versionOf(deb) } });
      await stopRecording(t);
    });

    await t.test('then the new version goes on with recordings and configuration', async (t) => {
      await install(nextDeb, '--reinstall');
      t.equal((await status())?.versions.piMonitor, versionOf(nextDeb));
      t.match(await machine.ask('GET', '/api/v1/config'), { camera: { fps: 25 } });
      t.match(await machine.ask('GET', '/api/v1/recordings'), {
        items: [{ name: 'second' }, { name: 'first' }],
      });
    });

    await t.test('the controller runs when it is enabled', async (t) => {
      await machine.must('systemctl', 'enable', '--now', 'controller');
      t.equal(await show('controller', 'ActiveState'), 'active');
      t.match(await machine.ask('GET', '/api/v1/monitors', undefined, 8001), { items: [] });
    });

    await t.test('removed, it leaves recordings and configuration', async (t) => {
      await machine.must('apt-get', 'remove', '-y', 'pi-monitor');
      t.equal(await show('monitor', 'LoadState'), 'not-found');
      t.equal((await machine.run('pgrep', '-f', 'cli.js')).code, 1, 'nothing runs');
      t.notOk(await has('/usr/lib/pi-monitor'));
      for (const kept of ['config.json', 'identity.json', 'recordings/second/second.json']) {
        t.ok(await has(`${data}/${kept}`), kept);
      }
      t.match(await machine.must('cat', '/etc/default/pi-monitor'), /^CONTROLLER_OPTIONS/m);
    });

    await t.test('purged, it leaves the recordings and says where they are', async (t) => {
      const said = await machine.must('apt-get', 'purge', '-y', 'pi-monitor');
      t.match(said, /recordings and what belongs to them are kept in \/var\/lib\/pi-monitor/);
      t.equal(await machine.must('ls', data), 'recordings');
      t.same((await machine.must('ls', `${data}/recordings`)).split('\n'), ['first', 'second']);
      t.notOk(await has('/etc/default/pi-monitor'));
      t.notOk(await has('/var/lib/pi-monitor-controller'), 'nothing was fetched');
    });
  },
);

/** What apt will install, into the root's cache: the picture has no network. */
async function fetchDependencies(root: string, debs: string[]): Promise<void> {
  const apt = (...args: string[]): Promise<string> =>
    must(inRoot, [root, 'apt-get', '-q', ...args]);
  await must('mkdir', ['-p', `${root}/packages`]);
  await must('cp', [...debs, `${root}/packages`]);
  await apt('update');
  for (const deb of debs) {
    const file = `/packages/${basename(deb)}`;
    await apt('install', '-y', '--no-install-recommends', '--download-only', file);
  }
}
