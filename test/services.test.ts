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

t.test(
  'camera and encoder may stand above the web server that they share a process with',
  async (t) => {
    const unit = await readFile(join(project, 'services/monitor.service'), 'utf8');
    const priorities = await readFile(join(project, 'native/support/worker.h'), 'utf8');
    const number = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1]);
    const nice = number(unit, /^Nice=(-?\d+)$/m);
    const limit = number(unit, /^LimitNICE=(-\d+)$/m);
    for (const pattern of [/Camera = (-\d+)/, /Recording = (-\d+)/]) {
      const wanted = number(priorities, pattern);
      t.ok(nice + wanted >= limit, `${nice} and ${wanted} within ${limit}`);
    }
  },
);

interface Status {
  state: string;
  recording: { name: string; frames: number } | null;
  frames: { captured: number };
}

interface Certificate {
  verdict: string;
  stop: { reason: string } | null;
  gaps: { reason?: string }[];
  frames: { captured: number; written: number };
  losses: { encoder: number; writer: number };
}

/** What the service's sandbox lets a program do, and what it refuses though the user may. */
const allowed = [
  ['write its folder', 'touch /var/lib/pi-monitor/probe'],
  ['write tmp', 'touch /tmp/probe'],
  ['read the program', `test -r ${project}/package.json`],
  // Of a clock that nobody can set: EINVAL, where the call itself is let through.
  ['reach the clock', 'python3 -c "import time; time.clock_settime(1, 0)" 2>&1 | grep "Errno 22"'],
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
  .concat('grep CapEff /proc/self/status')
  .join('\n');

/** Has the event loop of the program whose debugger is open run in a circle. */
const hang = `
  const { WebSocket } = require('${project}/node_modules/ws');
  fetch('http://127.0.0.1:9229/json').then((reply) => reply.json()).then(([target]) => {
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    const evaluate = { id: 1, method: 'Runtime.evaluate', params: { expression: 'for (;;);' } };
    socket.on('open', () => socket.send(JSON.stringify(evaluate), () => process.exit(0)));
  });`;

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

    /** The recording that was interrupted, with new frames. */
    const goesOn = async (): Promise<void> => {
      const running = async (): Promise<number> => {
        const { recording } = (await status()) ?? { recording: null };
        return recording?.name === 'restarted' ? recording.frames : 0;
      };
      const before = await until(running, 'the recording goes on');
      await until(async () => (await running()) > before + 30, 'it gets new frames');
    };

    await t.test('install.sh --dry-run changes nothing', async (t) => {
      const { code, said } = await machine.run(install, '--dry-run');
      t.equal(code, 0, said);
      t.match(said, /would run: 'systemctl' 'enable' 'monitor.service'/);
      t.equal((await machine.run('getent', 'passwd', 'pi-monitor')).code, 2);
      t.equal((await machine.run('test', '-e', '/etc/default/pi-monitor')).code, 1);
    });

    await t.test('install.sh says what stands in the way, and installs nothing', async (t) => {
      const above = join(project, '..');
      await machine.must('chmod', 'o-x', above);
      const closed = await machine.run(install);
      await machine.must('chmod', 'o+x', above);
      t.equal(closed.code, 1);
      t.match(closed.said, /user cannot read .+Move the folder to \/opt\/pi-monitor/);
      const asUser = await machine.run('setpriv', '--reuid', 'nobody', install);
      t.match(asUser, { code: 1, said: /put sudo in front/ });
      t.match(await machine.run(install, 'camera'), { code: 1, said: /camera is not known/ });
      t.equal(await show('LoadState'), 'not-found');
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
      t.match(inside, 'CapEff:\t0000000002000000\n', 'CAP_SYS_TIME and no other');
      for (const [what] of refused) t.match(inside, `\ncannot ${what}\n`);
    });

    await t.test('polkit lets the service reboot and shut down, and no more', async (t) => {
      const pid = await show('MainPID');
      const may = async (action: string, process: string): Promise<boolean> =>
        (await machine.run('pkcheck', '--action-id', action, '--process', process)).code === 0;
      const asked = ['login1.reboot', 'login1.power-off'];
      for (const action of asked) t.ok(await may(`org.freedesktop.${action}`, pid), action);
      t.notOk(await may('org.freedesktop.timedate1.set-timezone', pid));
      t.notOk(await may('org.freedesktop.systemd1.manage-units', pid));
      const other = await machine.must(
        'bash',
        '-c',
        'setpriv --reuid nobody sleep 60 >/dev/null 2>&1 & echo $!',
      );
      t.notOk(await may('org.freedesktop.login1.reboot', other), 'another user');
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
      const dropIn = '/run/systemd/system/monitor.service.d';
      await machine.must('mkdir', '-p', dropIn);
      const short = `printf '[Service]\\nWatchdogSec=2s\\n' > ${dropIn}/short.conf`;
      await machine.must('bash', '-c', short); // for the next test
      await machine.must('systemctl', 'daemon-reload');
      await machine.must('systemctl', 'restart', 'monitor');
      await goesOn();
    });

    await t.test('the watchdog bites a program that hangs while it records', async (t) => {
      const before = await show('MainPID');
      await machine.must('kill', '-STOP', before);
      await until(async () => (await show('NRestarts')) === '1', 'it was started again');
      t.match(
        await machine.must('journalctl', '--unit', 'monitor', '--output', 'cat'),
        /Watchdog timeout/,
      );
      await until(async () => (await show('ActiveState')) === 'active', 'it is up');
      t.not(await show('MainPID'), before);
      await goesOn();
    });

    await t.test('the watchdog bites an event loop that hangs while it records', async () => {
      const before = await show('MainPID');
      const bites = async (): Promise<number> => {
        const said = await machine.must('journalctl', '--unit', 'monitor', '--output', 'cat');
        return said.match(/Main process exited.+status=6\/ABRT/g)?.length ?? 0;
      };
      const bitesBefore = await bites();
      await machine.must('kill', '-USR1', before); // Node opens its debugger
      await until(
        async () => (await machine.run(process.execPath, '-e', hang)).code === 0,
        'its event loop was told to hang',
      );
      await until(async () => (await show('MainPID')) !== before, 'it was ended');
      await until(async () => (await bites()) === bitesBefore + 1, 'systemd says how');
      await until(async () => (await show('ActiveState')) === 'active', 'it is up');
      await goesOn();
    });

    await t.test('after a power cut it starts with the machine and goes on', async (t) => {
      await machine.powerOff();
      const began = performance.now();
      const since = (): string => ((performance.now() - began) / 1000).toFixed(1);
      await machine.powerOn();
      await frames(0, 'the first frame');
      t.comment(`power on to frames: ${since()} s`);
      await goesOn();
      t.comment(`power on to a recording resumed, 30 frames of it: ${since()} s`);
      t.equal(await show('ActiveState'), 'active');
      const certificate = (await machine.ask('DELETE', '/api/v1/recording')) as Certificate;
      const { captured, written } = certificate.frames;
      const { encoder, writer } = certificate.losses;
      t.equal(captured, written + encoder + writer);
      t.ok(written > 120, `${written} frames`);
      const reasons = certificate.gaps.flatMap(({ reason }) => reason ?? []);
      // A picture's kernel is this machine's, and was not booted: a power cut looks like a crash.
      t.same(reasons, ['restart', 'crash', 'crash', 'crash']);
      t.match(certificate, { verdict: 'gaps', stop: { reason: 'requested' } });
    });

    await t.test('install.sh --data: another folder, also after an update', async (t) => {
      await machine.must('mkdir', '-p', '/srv/others');
      const refused = await machine.run(install, '--data', '/srv/others');
      t.match(refused, { code: 1, said: /cannot write \/srv\/others.+chown pi-monitor:/ });
      t.match(await machine.run(install, '--data', 'videos'), { code: 1, said: /absolute path/ });
      await machine.must(install, '--data', '/srv/videos');
      await machine.must(install);
      await until(async () => (await status())?.state === 'idle', 'it is up');
      await machine.ask('POST', '/api/v1/recording', { name: 'elsewhere' });
      await machine.ask('DELETE', '/api/v1/recording');
      await machine.must('test', '-s', '/srv/videos/recordings/elsewhere/elsewhere_0000.mp4');
      const drive = await machine.run(join(project, 'services/setup_drive.sh'), 'CAGES');
      t.match(drive, { code: 1, said: /install\.sh --data \/var\/lib\/pi-monitor first/ });
      // Under a recording it would not be restarted.
      await until(async () => (await show('StatusText')) === 'idle', 'systemd knows');
      await machine.must(install, '--data', '/var/lib/pi-monitor');
      await until(async () => (await status())?.state === 'idle', 'it is up');
      t.match(await machine.ask('GET', '/api/v1/recordings'), { items: [{ name: 'restarted' }] });
    });

    await t.test('install.sh controller, beside the monitor', async (t) => {
      const options = '$a CONTROLLER_OPTIONS=--port 8001';
      await machine.must('sed', '-i', options, '/etc/default/pi-monitor');
      const said = await machine.must(install, 'controller');
      t.match(said, /:8001\/controller\.html/);
      const status = (): Promise<string> =>
        machine.must('systemctl', 'show', 'controller', '--property', 'StatusText', '--value');
      t.match(await until(status, 'it says how it is'), /^0 of 0 monitors answer$/);
      t.match(await machine.ask('GET', '/api/v1/monitors', undefined, 8001), { items: [] });
      await machine.must(install, 'controller', '--remove');
      t.equal(await show('ActiveState'), 'active', 'the monitor stays');
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
