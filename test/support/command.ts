import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { HttpClient } from './http-client.js';
import { until } from './until.js';

const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url));

/** `pi-monitor` with these arguments and this environment added, as a process of its own. */
export class Command {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  /** `input`: what it finds on standard input; without it there is none. */
  constructor(args: string[], more: NodeJS.ProcessEnv = {}, input?: string) {
    // Without the runner's NODE_OPTIONS: its loaders would be in the program under test.
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.child = spawn(process.execPath, [cli, ...args], {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...env, ...more },
    });
    this.child.stdin?.end(input);
    this.child.stdout?.on('data', (text: Buffer) => (this.stdout += text.toString()));
    this.child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()));
    this.exit = once(this.child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  /** Sends a signal, and waits for the end: the exit code and how long that took. */
  async kill(signal: NodeJS.Signals): Promise<{ code: number | null; seconds: number }> {
    const began = performance.now();
    this.child.kill(signal);
    const { code } = await this.exit;
    return { code, seconds: (performance.now() - began) / 1000 };
  }
}

export interface MonitorCommand {
  command: Command;
  client: HttpClient;
}

/** `pi-monitor monitor` on a free port; resolves once it listens and is past its start. */
export async function startMonitorCommand(
  args: string[],
  more: NodeJS.ProcessEnv = {},
): Promise<MonitorCommand> {
  const command = new Command(['monitor', '--port', '0', ...args], more);
  const client = await clientOf(command);
  await until(async () => {
    const { state } = (await client.get('/api/v1/status')).json();
    return state !== 'starting';
  }, 'it has started');
  return { command, client };
}

/** `pi-monitor controller` on a free port of loopback; resolves once it listens. */
export async function startControllerCommand(args: string[]): Promise<MonitorCommand> {
  const command = new Command(['controller', '--port', '0', '--host', '127.0.0.1', ...args]);
  return { command, client: await clientOf(command) };
}

/** Waits until it listens; one that does not is ended. */
async function clientOf(command: Command): Promise<HttpClient> {
  try {
    const port = await until(
      () => {
        if (command.child.exitCode !== null) throw new Error(command.stderr);
        const listening = /"port":(\d+),"msg":"Listening/.exec(command.stderr);
        return listening === null ? null : Number(listening[1]);
      },
      'it listens',
      60_000, // many of them may be starting
    );
    return new HttpClient(port);
  } catch (error) {
    await command.kill('SIGKILL');
    throw error;
  }
}
