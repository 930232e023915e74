import { join } from 'node:path';
import t, { type Test } from 'tap';
import { project, Rehearsal, rehearsalProblem, type Outcome } from './support/rehearsal.js';
import { until } from './support/until.js';

const problem = await rehearsalProblem();
const lab = '1b4e28ba-2fa1-11d2-883f-b9a761bde3fb';
const profile = '/etc/NetworkManager/system-connections/pi-monitor-ap.nmconnection';

/** The scripts for real, with a real systemd, over a fake NetworkManager. */
class Machine {
  private constructor(private readonly picture: Rehearsal) {}

  static async boot(t: Test): Promise<Machine> {
    const picture = await Rehearsal.boot();
    t.teardown(() => picture.remove());
    const fake = join(project, 'test/support/fake-network-manager.sh');
    for (const name of ['nmcli', 'iw', 'raspi-config', 'ss']) {
      await picture.must('ln', '-s', fake, `/usr/local/sbin/${name}`);
    }
    await picture.must('mkdir', '/run/wifi');
    return new Machine(picture);
  }

  script(name: string, ...args: string[]): Promise<Outcome> {
    return this.picture.run(join(project, 'services', name), ...args);
  }

  write(path: string, text: string): Promise<string> {
    return this.picture.must('bash', '-c', 'printf "%s" "$2" > "$1"', 'write', path, text);
  }

  read(path: string): Promise<string> {
    return this.picture.must('cat', path);
  }

  async exists(path: string): Promise<boolean> {
    return (await this.picture.run('test', '-e', path)).code === 0;
  }

  mode(path: string): Promise<string> {
    return this.picture.must('stat', '--format', '%a', path);
  }

  /** What was changed in NetworkManager since the last time, a call a line. */
  async calls(): Promise<string[]> {
    const said = await this.picture.must(
      'bash',
      '-c',
      'touch /run/calls; cat /run/calls; : > /run/calls',
    );
    return said.split('\n').filter((line) => line !== '');
  }

  /** What is called after a start, where nm-online does this. */
  async fallsBack(nmOnline: string): Promise<string[]> {
    const fake = 'printf "#!/bin/sh\\n%s\\n" "$1" > "$2"; chmod 755 "$2"';
    await this.picture.must('bash', '-c', fake, 'fake', nmOnline, '/usr/local/sbin/nm-online');
    await this.picture.must('systemctl', 'start', '--wait', 'pi-monitor-ap-fallback');
    return this.calls();
  }

  /** Until the trial that goes on by itself has ended, however. */
  async trialEnded(): Promise<void> {
    await until(async () => {
      const { said } = await this.picture.run('systemctl', 'is-active', 'pi-monitor-ap-trial');
      return said.startsWith('inactive') || said.startsWith('failed');
    }, 'the trial has ended');
  }
}

t.test('the access point, over a fake nmcli', { skip: problem ?? false }, async (t) => {
  const machine = await Machine.boot(t);
  const password = 'blue-Heron-42';

  await t.test('what cannot be a network is refused, and why', async (t) => {
    const cases: [args: string[], says: RegExp][] = [
      [['cages'], /usage/],
      [['cages', 'short'], /10 to 63/],
      [['cages', 'ümlauts-are-hard'], /plain/],
      [['cages', '12345678901234'], /easy/],
      [['cages', 'aaaaaaaabbbb'], /easy/],
      [['cages', 'MyPassword99'], /easy/],
      [['cages', 'the-Cages-of-2026'], /without the network's name/],
      [['a;b', password], /SSID/],
      [['x'.repeat(33), password], /SSID/],
      [['cages', password, '--channel', '14'], /--channel/],
      [['cages', password, '--country', 'Germany'], /--country/],
      [['cages', password], /country is not set/],
    ];
    for (const [args, says] of cases) {
      const { code, said } = await machine.script('setup_ap.sh', ...args);
      t.equal(code, 1, args.join(' '));
      t.match(said, says);
    }
    t.notOk(await machine.exists(profile));
    t.match((await machine.script('enable_ap.sh')).said, /no access point yet/);
    t.same(await machine.calls(), []);
  });

  await t.test('setup_ap.sh --dry-run says what it would do', async (t) => {
    const args = ['cages', password, '--country', 'DE', '--dry-run'];
    const { code, said } = await machine.script('setup_ap.sh', ...args);
    t.equal(code, 0, said);
    t.match(said, /would write .*pi-monitor-ap\.nmconnection/);
    t.notMatch(said, password);
    t.notOk(await machine.exists(profile));
    t.same(await machine.calls(), []);
  });

  await t.test('setup_ap.sh writes the profile, twice the same', async (t) => {
    const args = ['cages', password, '--country', 'DE', '--channel', '36'];
    const { code, said } = await machine.script('setup_ap.sh', ...args);
    t.equal(code, 0, said);
    const calls = ['raspi-config nonint do_wifi_country DE', `nmcli connection load ${profile}`];
    t.same(await machine.calls(), calls);
    t.equal(await machine.mode(profile), '600');
    const first = await machine.read(profile);
    for (const line of ['ssid=cages', 'band=a', 'channel=36', `psk=${password}`, 'method=shared']) {
      t.match(`${first}\n`, `\n${line}\n`);
    }
    t.equal(
      await machine.read('/etc/NetworkManager/dnsmasq-shared.d/pi-monitor.conf'),
      'address=/#/10.42.0.1',
    );
    t.equal((await machine.script('setup_ap.sh', ...args)).code, 0);
    t.equal(await machine.read(profile), first, 'with the same UUID');
    await machine.calls();
  });

  await t.test('nobody opens the page: the network before comes back', async (t) => {
    await machine.write('/run/wifi/active', lab);
    await machine.write('/run/wifi/visitors', 'ESTAB 0 0 192.168.1.9:8000 192.168.1.2:50000\n');
    const { code, said } = await machine.script('enable_ap.sh', '--seconds', '2');
    t.equal(code, 0, said);
    t.match(said, /becomes cages.*http:\/\/10\.42\.0\.1/);
    t.match(said, /connection to lab ends in a moment/);
    await machine.trialEnded();
    t.same(await machine.calls(), [
      'nmcli connection up pi-monitor-ap',
      `nmcli connection up ${lab}`,
    ]);
  });

  await t.test('the radio does not start: the network before comes back', async (t) => {
    await machine.write('/run/wifi/fails', 'up pi-monitor-ap');
    await machine.script('enable_ap.sh');
    await machine.trialEnded();
    t.same(await machine.calls(), [
      'nmcli connection up pi-monitor-ap',
      `nmcli connection up ${lab}`,
    ]);
    await machine.write('/run/wifi/fails', 'connection up');
    await machine.script('enable_ap.sh');
    await machine.trialEnded();
    t.same((await machine.calls()).slice(2), ['nmcli connection down pi-monitor-ap']);
    await machine.write('/run/wifi/fails', '^never$');
  });

  await t.test('somebody opens the page: it stays, and is there after a restart', async (t) => {
    const visitor = 'ESTAB 0 0 [::ffff:10.42.0.1]:8000 [::ffff:10.42.0.7]:50000 \n';
    await machine.write('/run/wifi/visitors', visitor);
    await machine.script('enable_ap.sh');
    await machine.trialEnded();
    const calls = [
      'nmcli connection up pi-monitor-ap',
      'nmcli connection modify pi-monitor-ap connection.autoconnect yes',
    ];
    t.same(await machine.calls(), calls);
    t.match((await machine.script('enable_ap.sh')).said, /is up already/);
    t.same(await machine.calls(), []);
  });

  await t.test('disable_ap.sh goes back to known networks', async (t) => {
    const { said } = await machine.script('disable_ap.sh');
    t.match(said, /knows no other Wi-Fi/);
    t.same(await machine.calls(), [
      'nmcli connection modify pi-monitor-ap connection.autoconnect no',
      'nmcli connection down pi-monitor-ap',
      'nmcli device connect wlan0',
    ]);
    t.equal((await machine.script('disable_ap.sh')).code, 0);
    t.same(await machine.calls(), [
      'nmcli connection modify pi-monitor-ap connection.autoconnect no',
    ]);
  });

  await t.test('without a network before, the access point stays', async (t) => {
    await machine.write('/run/wifi/active', '');
    await machine.write('/run/wifi/visitors', '');
    await machine.script('enable_ap.sh');
    await machine.trialEnded();
    t.same(await machine.calls(), [
      'nmcli connection up pi-monitor-ap',
      'nmcli connection modify pi-monitor-ap connection.autoconnect yes',
    ]);
  });

  await t.test('--fallback: it comes by itself where there is no network', async (t) => {
    const again = ['cages', password, '--country', 'DE'];
    t.equal((await machine.script('setup_ap.sh', ...again, '--fallback')).code, 0);
    await machine.calls();
    t.same(await machine.fallsBack('exit 0'), [], 'a network was found');
    t.same(await machine.fallsBack('exit 1'), ['nmcli connection up pi-monitor-ap']);
    t.equal((await machine.script('setup_ap.sh', ...again)).code, 0);
    t.notOk(await machine.exists('/etc/systemd/system/pi-monitor-ap-fallback.service'));
    await machine.calls();
  });

  await t.test('rename.sh renames the machine and its access point', async (t) => {
    for (const bad of ['Cage 7', '7cages', '-a', 'a_b', 'x'.repeat(33)]) {
      t.equal((await machine.script('rename.sh', bad)).code, 1, bad);
    }
    t.equal((await machine.script('rename.sh', 'cage7', '--dry-run')).code, 0);
    t.same(await machine.calls(), []);
    for (const time of ['once', 'twice']) {
      const { code, said } = await machine.script('rename.sh', 'cage7');
      t.equal(code, 0, time + said);
      t.match(said, 'http://cage7.local:8000/monitor.html');
      t.equal(await machine.read('/proc/sys/kernel/hostname'), 'cage7');
      t.equal(await machine.read('/etc/hostname'), 'cage7');
      const hosts = await machine.read('/etc/hosts');
      t.same(hosts.match(/^127\.0\.1\.1.*$/gm), ['127.0.1.1 cage7']);
      t.match(hosts, /localhost/);
      t.same(await machine.calls(), [
        'nmcli connection modify pi-monitor-ap 802-11-wireless.ssid cage7',
      ]);
    }
  });
});

/** Prints each monitor and controller that comes (`up ID PORT`) and goes (`down ID`). */
const browser = `
  import { Bonjour } from '${join(project, 'node_modules/bonjour-service/dist/index.js')}';
  const say = (what) => ({ txt, port, host }) => console.log(what, txt.id, port, host);
  for (const type of ['pi-monitor', 'pi-monitor-controller']) {
    new Bonjour().find({ type }).on('up', say('up')).on('down', say('down'));
  }`;

t.test('a monitor is announced', { skip: problem ?? false }, async (t) => {
  const picture = await Rehearsal.boot();
  t.teardown(() => picture.remove());
  for (const line of [
    'link add eth0 type veth peer name eth1',
    'link set eth1 up',
    'address add 192.0.2.9/24 dev eth0',
    'link set eth0 up multicast on',
    'route add default dev eth0',
  ]) {
    await picture.must('ip', ...line.split(' '));
  }
  await picture.must('hostname', 'cage3');
  await picture.must('bash', '-c', `cat > /run/browser.mjs <<'END'\n${browser}\nEND`);
  const browse = [process.execPath, '/run/browser.mjs'];
  await picture.must('systemd-run', '--unit=browser', ...browse);
  await picture.must(join(project, 'services/install.sh'));
  const { id } = (await picture.ask('GET', '/api/v1/status')) as { id: string };
  const told = (): Promise<string> => picture.must('journalctl', '-u', 'browser', '-o', 'cat');

  await t.test('from its own process where there is no Avahi', async (t) => {
    await until(async () => (await told()).includes(`up ${id} 8000 cage3.local`), 'it is found');
    await picture.must('systemctl', 'stop', 'monitor');
    await until(async () => (await told()).includes(`down ${id}`), 'it says goodbye');
    t.pass('it comes and goes');
  });

  await t.test('a controller too, under a type of its own', async (t) => {
    const cli = join(project, 'build/src/cli.js');
    const serve = [process.execPath, cli, 'controller', '--port', '8080', '--data', '/run/many'];
    await picture.must('systemd-run', '--unit=many', ...serve);
    const found = / ([0-9a-f-]{36}) 8080 cage3\.local/;
    const said = await until(async () => found.exec(await told()), 'it is found');
    t.match(await picture.must('cat', '/run/many/identity.json'), said[1]);
    await picture.must('systemctl', 'stop', 'many');
    await until(async () => (await told()).includes(`down ${said[1]}`), 'it says goodbye');
  });

  await t.test('through Avahi where that runs (a fake avahi-publish)', async (t) => {
    await picture.must('mkdir', '-p', '/run/avahi-daemon');
    await picture.must('touch', '/run/avahi-daemon/socket');
    const fake = '#!/bin/bash\\nexec -a "publishing $*" sleep 1000\\n';
    const install = 'printf "$1" > "$2"; chmod 755 "$2"';
    await picture.must('bash', '-c', install, 'install', fake, '/usr/local/bin/avahi-publish');
    await picture.must('systemctl', 'start', 'monitor');
    const running = async (): Promise<string> =>
      (await picture.run('pgrep', '--full', '--list-full', 'publishing')).said;
    const said = await until(running, 'it is asked');
    const service = `--service cage3 ${id.slice(0, 4)} _pi-monitor._tcp 8000`;
    t.match(said, `publishing ${service} id=${id} path=/monitor.html`);
    await picture.must('systemctl', 'stop', 'monitor');
    await until(async () => (await running()) === '', 'it ends with the monitor');
  });
});
