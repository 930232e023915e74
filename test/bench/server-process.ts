import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Certificate } from '../../src/monitor/certificate.js';
import type { Losses } from '../../src/native.js';
import type { Status } from '../../src/monitor/status.js';

/** CPU time in milliseconds, by thread name; threads of one name are added up. */
export type CpuByThread = Map<string, number>;

/** The monitor as `pi-monitor monitor` starts it, on a folder of its own, with its counters. */
export class ServerProcess {
  private constructor(
    readonly base: string,
    readonly pid: number,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Where it keeps what it records. */
  get recordings(): string {
    return join(this.folder, 'recordings');
  }

  get port(): number {
    return Number(new URL(this.base).port);
  }

  static async start(parentFolder: string, args: string[] = []): Promise<ServerProcess> {
    const folder = await mkdtemp(join(parentFolder, 'pi-monitor-bench-'));
    const port = await freePort();
    const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
    const probe = new URL('./probe.js', import.meta.url).href;
    const child = fork(
      cli,
      [
        'monitor',
        '--port',
        String(port),
        '--host',
        '127.0.0.1',
        '--data',
        folder,
        '--camera',
        'synthetic',
        '--log',
        'warn',
        ...args,
      ],
      {
        execArgv: ['--import', probe],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    );
    const base = `http://127.0.0.1:${String(port)}`;
    await until(async () => (await fetch(`${base}/healthz`)).ok);
    return new ServerProcess(base, child.pid ?? 0, child, folder);
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: {
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer as T;
  }

  status(): Promise<Status> {
    return this.call('GET', '/status');
  }

  /** Ends the recording and returns what it lost. */
  async endRecording(): Promise<Losses> {
    const { losses } = await this.call<Certificate>('DELETE', '/recording');
    if (losses === null) throw new Error('The certificate of an ended recording counts no losses.');
    return losses;
  }

  cpu(): CpuByThread {
    const byThread: CpuByThread = new Map();
    for (const task of readdirSync(`/proc/${String(this.pid)}/task`)) {
      const of = (file: string): string =>
        readFileSync(`/proc/${String(this.pid)}/task/${task}/${file}`, 'utf8').trim();
      const name = of('comm');
      const ms = Number(of('schedstat').split(' ')[0]) / 1e6;
      byThread.set(name, (byThread.get(name) ?? 0) + ms);
    }
    return byThread;
  }

  memory(): { nowMb: number; peakMb: number } {
    const status = readFileSync(`/proc/${String(this.pid)}/status`, 'utf8');
    const mb = (key: string): number =>
      Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) / 1024;
    return { nowMb: mb('VmRSS'), peakMb: mb('VmHWM') };
  }

  /** From here on, peak memory and loop delay are those of what follows. */
  resetPeaks(): void {
    writeFileSync(`/proc/${String(this.pid)}/clear_refs`, '5');
    this.child.send('reset');
  }

  async loopDelayP99Ms(): Promise<number> {
    const answered = once(this.child, 'message');
    this.child.send('read');
    const [answer] = (await answered) as [{ loopDelayP99Ms: number }];
    return answer.loopDelayP99Ms;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
    await rm(this.folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function until(condition: () => Promise<boolean>, limitMs = 20_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    if (await condition().catch(() => false)) return;
    if (performance.now() > deadline) throw new Error('The server did not come up.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
