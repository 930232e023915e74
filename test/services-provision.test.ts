import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Certificate } from '../src/monitor/certificate.js';
import { project, Rehearsal, rehearsalProblem, run, type Outcome } from './support/rehearsal.js';
import { until } from './support/until.js';

const problem = await rehearsalProblem();
const to = '/opt/pi-monitor';

async function must(file: string, ...args: string[]): Promise<void> {
  const { code, said } = await run(file, args);
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} failed (${code}): ${said}`);
}

/** A network switch, and pictures of this machine that are reached over it by ssh. */
class Laboratory {
  private machines = 0;

  private constructor(
    private readonly name: string,
    private readonly folder: string,
  ) {}

  static async make(t: Test): Promise<Laboratory> {
    const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-laboratory-'));
    const lab = new Laboratory(`pm-${process.pid}`, folder);
    t.teardown(() => lab.remove());
    await must('ip', 'netns', 'add', lab.name);
    await lab.inside('ip', 'link', 'add', 'switch', 'type', 'bridge');
    await lab.inside('ip', 'address', 'add', '10.77.0.1/24', 'dev', 'switch');
    await lab.inside('ip', 'link', 'set', 'switch', 'up');
    await must('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'user'));
    const client = `Host *\n  IdentityFile ${folder}/user\n  UserKnownHostsFile ${folder}/known\n`;
    await writeFile(join(folder, 'ssh_config'), client);
    return lab;
  }

  private async inside(...command: string[]): Promise<void> {
    await must('ip', 'netns', 'exec', this.name, ...command);
  }

  /** Boots a machine with an ssh server, at 10.77.0.(2, 3, …). */
  async add(t: Test): Promise<{ machine: Rehearsal; address: string }> {
    const machine = await Rehearsal.boot();
    t.teardown(() => machine.remove());
    const number = ++this.machines;
    const [plug, cable] = [`sw${number}`, `${this.name}-${number}`];
    const address = `10.77.0.${number + 1}`;
    await this.inside('ip', 'link', 'add', plug, 'type', 'veth', 'peer', 'name', cable);
    await this.inside('ip', 'link', 'set', plug, 'master', 'switch', 'up');
    await this.inside('ip', 'link', 'set', cable, 'netns', String(process.pid));
    await machine.plugIn(cable, `${address}/24`);
    await machine.must('useradd', '--create-home', '--password', '*', 'visitor');
    const key = await readFile(join(this.folder, 'user.pub'), 'utf8');
    for (const [user, home] of [
      ['root', '/root'],
      ['visitor', '/home/visitor'],
    ] as const) {
      const write = 'mkdir -p "$2/.ssh" && echo "$1" > "$2/.ssh/authorized_keys"';
      await machine.must('runuser', '-u', user, '--', 'bash', '-c', write, 'write', key, home);
    }
    await machine.must('systemctl', 'start', 'ssh');
    await until(
      async () => (await machine.run('bash', '-c', ': < /dev/tcp/127.0.0.1/22')).code === 0,
      'ssh is served',
    );
    return { machine, address };
  }

  provision(...args: string[]): Promise<Outcome> {
    const script = join(project, 'services/provision.sh');
    const config = join(this.folder, 'ssh_config');
    return run('ip', ['netns', 'exec', this.name, script, '--ssh-config', config, ...args], {
      ...process.env,
      TMPDIR: this.folder,
    });
  }

  private async remove(): Promise<void> {
    await run('ip', ['netns', 'delete', this.name]);
    await rm(this.folder, { recursive: true });
  }
}

/**
 * Stands for a machine where npm ci and the compilers have run: they need the network, and minutes.
 * What they made here is found there, by the same checksums.
 */
async function lendBuilds(machine: Rehearsal): Promise<void> {
  await machine.must('mkdir', '-p', `${to}/services`);
  for (const made of ['build', 'node_modules']) {
    await machine.must('mkdir', '-p', `${to}/${made}`);
    await machine.must('mount', '--bind', join(project, made), `${to}/${made}`);
  }
}

t.test(
  'provision.sh over ssh, machines under a real systemd; their builds are lent',
  { skip: problem ?? false },
  async (t) => {
    const lab = await Laboratory.make(t);
    const { machine: good, address } = await lab.add(t);
    const { machine: full, address: fullAddress } = await lab.add(t);
    await lendBuilds(good);
    await full.must('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/opt');
    const hosts = [address, fullAddress, `visitor@${address}`, '10.77.0.99'];
    const running = (machine: Rehearsal): Promise<string> =>
      machine.must('systemctl', 'show', 'monitor', '--property', 'MainPID', '--value');

    await t.test('what it does not know it does not do', async (t) => {
      const usage = { code: 1, said: /usage: provision\.sh/ };
      for (const wrong of [[], ['--role', 'camera', address], ['-oProxyCommand=id'], ['--to']]) {
        t.match(await lab.provision(...wrong), usage, wrong.join(' '));
      }
      t.match(await lab.provision('--to', '/opt', address), { code: 1, said: /--to: \/opt is no/ });
    });

    await t.test('--dry-run says which could be, and changes nothing', async (t) => {
      const { code, said } = await lab.provision('--dry-run', ...hosts);
      t.equal(code, 1);
      t.match(said, `${address}\tready\n${fullAddress}\tready\n`);
      t.equal(await good.must('ls', '-A', `${to}/services`), '');
      t.equal(await full.must('ls', '-A', '/opt'), '');
    });

    await t.test(
      'each machine for itself: done, failed midway, refused, unreachable',
      async (t) => {
        const { code, said } = await lab.provision('--data', '/srv/videos', ...hosts);
        t.equal(code, 1);
        const result = (host: string): string =>
          said.split('\n').find((line) => line.startsWith(`${host}\t`)) ?? '';
        t.match(result(address), /\tdone http:\/\/\S+:8000\/monitor\.html$/, said);
        t.match(result(fullAddress), /\tfailed while copying: /);
        t.match(result(`visitor@${address}`), /\trefused visitor cannot use sudo/);
        t.match(result('10.77.0.99'), /\tunreachable ssh: connect to host 10\.77\.0\.99/);
        const logs = /3 of 4 are not done\. What each said: (\S+)\. Put/.exec(said)?.[1] ?? '';
        t.match(
          await readFile(join(logs, `${fullAddress}.log`), 'utf8'),
          /No space left on device/,
        );
        t.not(await running(good), '0');
        await good.must('test', '-e', '/srv/videos/identity.json');
        t.equal((await full.run('systemctl', 'cat', 'monitor')).code, 1, 'nothing half installed');
      },
    );

    await t.test('again, once the causes are gone: all are done; no recording ends', async (t) => {
      await full.must('umount', '/opt');
      await lendBuilds(full);
      await until(
        async () => (await good.ask('GET', '/api/v1/status')) !== null,
        'the monitor answers',
      );
      t.match(await good.ask('POST', '/api/v1/recording', { name: 'meanwhile' }), {
        state: 'recording',
      });
      await good.must('touch', `${to}/services/removed-since`);
      const before = await running(good);
      const { code, said } = await lab.provision(address, fullAddress, address);
      t.equal(code, 0, said);
      t.equal(said.match(/\tdone/g)?.length, 2, 'a machine named twice is done once');
      t.equal(await running(good), before, 'not restarted');
      const ended = (await good.ask('DELETE', '/api/v1/recording')) as Certificate;
      t.match(ended, { stop: { reason: 'requested' } });
      t.ok(
        ended.gaps.every(({ reason }) => reason === undefined),
        'it was not broken off',
      );
      const written = ended.frames?.written ?? 0;
      const lost = (ended.losses?.encoder ?? 0) + (ended.losses?.writer ?? 0);
      t.ok(written > 0);
      t.equal(ended.frames?.captured, written + lost);
      t.equal((await good.run('test', '-e', `${to}/services/removed-since`)).code, 1);
      await good.must('test', '-d', '/srv/videos/recordings/meanwhile');
      t.not(await running(full), '0');
    });
  },
);
