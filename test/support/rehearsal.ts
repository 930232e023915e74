import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

/** Compiled, this file is build/test/support/rehearsal.js. */
export const project = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const script = join(project, 'test/support/rehearsal.sh');

export interface Outcome {
  code: number;
  /** Both streams: what a person sees. */
  said: string;
}

/** Runs a program to its end, whatever its exit code. */
export function run(file: string, args: string[], env?: NodeJS.ProcessEnv): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      { encoding: 'utf8', maxBuffer: 1 << 26, ...(env && { env }) },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, said: stdout + stderr });
      },
    );
  });
}

/** As run, but throws what it said where it failed; else gives that. */
export async function must(file: string, args: string[]): Promise<string> {
  const { code, said } = await run(file, args);
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} failed (${code}): ${said}`);
  return said.trim();
}

/** Why a picture of this machine cannot be made and booted here, or null where it can. */
export async function rehearsalProblem(): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'only root can make a picture of this machine';
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-rehearsal-'));
  const { code, said } = await run(script, [
    folder,
    'test',
    '-x',
    '/lib/systemd/systemd',
    '-a',
    '-d',
    project,
  ]);
  await rm(folder, { recursive: true });
  return code === 0
    ? null
    : `no picture of this machine can be made: ${said.trim() || 'no systemd'}`;
}

/**
 * A picture of this machine (rehearsal.sh) booted under systemd: scripts that change a system are
 * run in it for real.
 */
export class Rehearsal {
  private unshare: ChildProcess | null = null;
  private init = 0;

  private constructor(
    private readonly folder: string,
    private readonly root: string,
  ) {}

  /**
   * A new picture, booted; of another root where one is named, which is left as it is. The checkout
   * can be read by every user in a picture of this machine.
   */
  static async boot(root = '/'): Promise<Rehearsal> {
    const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-rehearsal-'));
    const rehearsal = new Rehearsal(folder, root);
    await rehearsal.powerOn();
    if (root === '/') await rehearsal.run('chmod', 'o+x', homedir(), ...ancestors(project));
    return rehearsal;
  }

  /** Boots the picture as it was left; resolves once systemd is up. */
  async powerOn(): Promise<void> {
    this.unshare = spawn(script, [this.folder, '/lib/systemd/systemd', '--show-status=0'], {
      stdio: 'ignore',
      env: { ...process.env, REHEARSAL_ROOT: this.root },
    });
    const { pid } = this.unshare;
    this.init = await until(async () => {
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
      return Number(children.trim().split(' ')[0]);
    }, 'the picture has a first process');
    await until(async () => {
      const { said } = await this.run('systemctl', 'is-system-running');
      return /running|degraded/.test(said);
    }, 'systemd has booted');
  }

  /** As a power cut does: everything in it is killed at once. The disk stays. */
  async powerOff(): Promise<void> {
    if (this.unshare === null || this.unshare.exitCode !== null) return;
    const gone = once(this.unshare, 'exit');
    process.kill(this.init, 'SIGKILL');
    await gone;
    this.unshare = null;
  }

  async remove(): Promise<void> {
    await this.powerOff();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Puts the end of a network cable (veth) into the picture, which has a network of its own. */
  async plugIn(cable: string, address: string): Promise<void> {
    const moved = await run('ip', ['link', 'set', cable, 'netns', String(this.init)]);
    if (moved.code !== 0) throw new Error(`${cable} cannot be plugged in: ${moved.said}`);
    await this.must('ip', 'address', 'add', address, 'dev', cable);
    await this.must('ip', 'link', 'set', cable, 'up');
  }

  /** Runs a command in the picture, as root. */
  run(command: string, ...args: string[]): Promise<Outcome> {
    // By env, as tap adds to the environment of each child what node there would look for in vain.
    const clean = [
      'env',
      '-i',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ];
    const entered = ['--target', String(this.init), '--all', ...clean, 'HOME=/root', 'LC_ALL=C'];
    return run('nsenter', [...entered, command, ...args]);
  }

  /** As run, but throws what it said where it failed; else gives that. */
  async must(command: string, ...args: string[]): Promise<string> {
    const { code, said } = await this.run(command, ...args);
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed (${code}): ${said}`);
    return said.trim();
  }

  /** Asks the server in the picture; null where it does not answer. */
  async ask(method: string, path: string, body?: unknown, port = 8000): Promise<unknown> {
    const { code, said } = await this.run(
      process.execPath,
      '-e',
      `fetch(process.argv[2], { method: process.argv[1], ...(process.argv[3] && {
         body: process.argv[3], headers: { 'Content-Type': 'application/json' } }) })
       .then((reply) => reply.text()).then((text) => process.stdout.write(text), () => process.exit(1))`,
      method,
      `http://127.0.0.1:${port}${path}`,
      body === undefined ? '' : JSON.stringify(body),
    );
    return code === 0 ? (JSON.parse(said) as unknown) : null;
  }
}

function ancestors(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}
