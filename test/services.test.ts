import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { project, Rehearsal, rehearsalProblem, run } from './support/rehearsal.js';
import { until } from './support/until.js';

const units = ['monitor.service', 'controller.service'];

t.test('the units are what systemd understands, and hardened', async (t) => {
  for (const unit of units) {
    const path = join(project, 'services', unit);
    const verified = await run('systemd-analyze', ['verify', '--recursive-errors=yes', path]);
    t.equal(verified.code, 0, verified.said);
    t.equal(verified.said, '');
    const security = ['security', '--offline=true', '--threshold=30', '--no-pager', path];
    const judged = await run('systemd-analyze', security);
    t.equal(judged.code, 0, `exposure of ${unit}: ${judged.said}`);
  }
});

interface Status {
  state: string;
  recording: { name: string; frames: number } | null;
  frames: { captured: number };
}

interface Certificate {
  verdict: string;
  stop: { reason: string } | null;
  frames: { captured: number; written: number };
  losses: Record<string, number>;
}

/** What the service's sandbox lets a program do, and what it refuses though the user may. */
const allowed = [
  ['write its folder', 'touch /var/lib/pi-monitor/probe'],
  ['write tmp', 'touch /tmp/probe'],
  ['read the program', `test -r ${project}/package.json`],
] as const;
const refused = [
  ['write elsewhere', 'touch /opt/open/probe'],
  ['open another device', 'exec 3</dev/fuse'],
  ['make a namespace', 'unshare --user true'],
  // vsock
  ['open another kind of socket', 'python3 -c "import socket; socket.socket(40, 1, 0)"'],
  ['gain rights', 'grep -q "NoNewPrivs:[[:space:]]*0" /proc/self/status'],
  ['see other processes', 'test -e /proc/1/status'],
] as const;
const probe = [...allowed, ...refused]
  .map(([what, command]) => `(${command}) 2>/dev/null && echo can ${what} || echo cannot ${what}`)
  .join('\n');

const problem = await rehearsalProblem();

t.test(
  'for real, under systemd, in a picture of this machine',
  { skip: problem ?? false },
  async (t) => {
    const machine = await Rehearsal.boot();
    t.teardown(() => machine.remove());
    const install = join(project, 'services/install.sh');
    const status = (): Promise<Status | null> =>
      machine.ask('GET', '/api/v1/status') as Promise<Status | null>;
    const show = (property: string): Promise<string> =>
      machine.must('systemctl', 'show', 'monitor', '--property', property, '--value');
    const frames = (count: number, what: string): Promise<Status> =>
      until(async () => {
        const now = await status();
        return now !== null && now.frames.captured > count ? now : null;
      }, what);

    await t.test('install.sh --dry-run changes nothing', async (t) => {
      const { code, said } = await machine.run(install, '--dry-run');
      t.equal(code, 0, said);
      t.match(said, /would run: 'systemctl' 'enable' 'monitor.service'/);
      t.equal((await machine.run('getent', 'passwd', 'pi-monitor')).code, 2);
      t.equal((await machine.run('test', '-e', '/etc/default/pi-monitor')).code, 1);
    });

    await t.test('install.sh installs, and says where to look', async (t) => {
      const began = performance.now();
      const said = await machine.must(install);
      const seconds = (performance.now() - began) / 1000;
      t.comment(`installed and READY after ${seconds.toFixed(1)} s`);
      t.match(said, /open http:\/\/\S+\.local:8000\/monitor\.html/);
      t.equal(await show('ActiveState'), 'active');
      t.equal(await show('UnitFileState'), 'enabled');
      await frames(0, 'frames come');
      t.equal(await until(() => show('StatusText'), 'it says how it is'), 'idle');
      t.equal(await show('User'), 'pi-monitor');
    });

    await t.test('a second run changes nothing but the process', async (t) => {
      await machine.must('sed', '-i', '$a MONITOR_OPTIONS=--log debug', '/etc/default/pi-monitor');
      const listing = ['find', '/etc', '-newer', '/etc/default/pi-monitor', '-type', 'f'] as const;
      const before = await show('MainPID');
      await machine.must(install);
      t.not(await show('MainPID'), before);
      t.equal(await machine.must(...listing), '', 'no file was written');
      t.match(await machine.must('cat', '/etc/default/pi-monitor'), /MONITOR_OPTIONS=--log debug/);
      t.match(await machine.must('cat', `/proc/${await show('MainPID')}/cmdline`), /--log\0debug/);
    });

    await t.test('the journal has sentences with levels', async (t) => {
      const journal = (level: string): Promise<string> =>
        machine.must('journalctl', '--unit', 'monitor', '--output', 'cat', '--priority', level);
      t.match(await journal('info'), /^Listening\. \{"host":"all","port":8000\}$/m);
      t.notMatch(await journal('err'), /Listening/);
    });

    await t.test('the hardening holds', async (t) => {
      await machine.must('mkdir', '--mode=777', '/opt/open');
      await machine.must('bash', '-c', `cat > /opt/probe <<'END'\n${probe}\nEND`);
      const outside = await machine.must('runuser', '-u', 'pi-monitor', 'bash', '/opt/probe');
      for (const [what] of [...allowed, ...refused]) {
        t.match(`\n${outside}\n`, `\ncan ${what}\n`, 'outside the service its user can');
      }
      const unit = (await machine.must('cat', join(project, 'services/monitor.service')))
        .replace(/^Type=notify$/m, 'Type=oneshot')
        .replace(/^(Restart|WatchdogSec|NotifyAccess)=.*$/gm, '')
        .replace(/^ExecStart=.*$/m, 'ExecStart=/bin/bash /opt/probe');
      await machine.must(
        'bash',
        '-c',
        `cat > /run/systemd/system/probe.service <<'END'\n${unit}\nEND`,
      );
      await machine.must('systemctl', 'start', 'probe');
      const inside = await machine.must('journalctl', '--unit', 'probe', '--output', 'cat');
      for (const [what] of allowed) t.match(inside, `\ncan ${what}\n`);
      for (const [what] of refused) t.match(inside, `\ncannot ${what}\n`);
    });

    await t.test('polkit lets the service set the clock and reboot, and no more', async (t) => {
      const pid = await show('MainPID');
      const may = async (action: string, process: string): Promise<boolean> =>
        (await machine.run('pkcheck', '--action-id', action, '--process', process)).code === 0;
      const asked = [
        'timedate1.set-time',
        'timedate1.set-ntp',
        'login1.reboot',
        'login1.power-off',
      ];
      for (const action of asked) t.ok(await may(`org.freedesktop.${action}`, pid), action);
      t.notOk(await may('org.freedesktop.hostname1.set-static-hostname', pid));
      t.notOk(await may('org.freedesktop.systemd1.manage-units', pid));
      const other = await machine.must(
        'bash',
        '-c',
        'setpriv --reuid nobody sleep 60 >/dev/null 2>&1 & echo $!',
      );
      t.notOk(await may('org.freedesktop.timedate1.set-time', other), 'another user');
    });

    await t.test('systemctl restart while it records', async (t) => {
      await machine.ask('POST', '/api/v1/recording', { name: 'restarted' });
      await until(async () => ((await status())?.recording?.frames ?? 0) > 30, 'it records');
      await until(
        async () => (await show('StatusText')) === 'recording restarted',
        'systemd knows',
      );
      const upgrade = await machine.must(install);
      t.match(upgrade, /a recording runs and goes on with the old version/);
      t.equal((await status())?.state, 'recording', 'an upgrade does not end it');
      await machine.must('systemctl', 'restart', 'monitor');
      await frames(0, 'frames come again');
      const certificate = (await machine.ask('GET', '/api/v1/recordings/restarted')) as Certificate;
      t.match(certificate.stop, { reason: 'shutdown' });
      const { captured, written } = certificate.frames;
      const lost = Object.values(certificate.losses).reduce((sum, count) => sum + count, 0);
      t.equal(captured, written + lost);
      t.ok(written > 30);
    });

    await t.test('the watchdog bites a program that hangs', async (t) => {
      const dropIn = '/run/systemd/system/monitor.service.d';
      await machine.must('mkdir', '-p', dropIn);
      const short = `printf '[Service]\\nWatchdogSec=2s\\n' > ${dropIn}/short.conf`;
      await machine.must('bash', '-c', short);
      await machine.must('systemctl', 'daemon-reload');
      await machine.must('systemctl', 'restart', 'monitor');
      await frames(0, 'frames come');
      const before = await show('MainPID');
      await machine.must('kill', '-STOP', before);
      await until(async () => (await show('NRestarts')) === '1', 'it was started again');
      t.match(
        await machine.must('journalctl', '--unit', 'monitor', '--output', 'cat'),
        /Watchdog timeout/,
      );
      await until(async () => (await show('ActiveState')) === 'active', 'it is up');
      t.not(await show('MainPID'), before);
      await frames(0, 'frames come again');
    });

    await t.test('it starts with the machine', async (t) => {
      await machine.powerOff();
      const began = performance.now();
      await machine.powerOn();
      await frames(0, 'the first frame');
      const seconds = (performance.now() - began) / 1000;
      t.comment(`power on to frames: ${seconds.toFixed(1)} s`);
      t.equal(await show('ActiveState'), 'active');
    });

    await t.test('install.sh --remove keeps recordings and configuration', async (t) => {
      await machine.must(install, '--remove');
      await machine.must(install, '--remove');
      t.equal(await show('LoadState'), 'not-found');
      t.equal((await machine.run('test', '-e', '/etc/systemd/system/monitor.service')).code, 1);
      await machine.must(
        'ls',
        '/var/lib/pi-monitor/recordings/restarted',
        '/etc/default/pi-monitor',
      );
    });

    await t.test("without systemd: the guide's line for cron", async (t) => {
      const guide = await readFile(join(project, 'services/README.md'), 'utf8');
      const line = /@reboot (.+)"\) \| crontab -/.exec(guide);
      const command = (line?.[1] ?? '').replaceAll('$PWD', project);
      const asCron = [
        '-i',
        'HOME=/var/tmp',
        'SHELL=/bin/sh',
        'PATH=/usr/bin:/bin',
        '/bin/sh',
        '-c',
      ];
      await machine.must('bash', '-c', `env ${asCron.join(' ')} '${command}' >/dev/null 2>&1 &`);
      await frames(0, 'frames come');
      t.match(await machine.must('ls', '/var/tmp/pi-monitor'), 'identity.json');
      await machine.must('ls', '/var/tmp/pi-monitor.log');
    });
  },
);
