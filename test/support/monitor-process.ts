import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface MonitorProcess {
  /** SIGTERM, and waits for the end; the exit code. */
  stop: () => Promise<number | null>;
}

/** Starts `pi-monitor monitor` with the synthetic camera; resolves once it says that it is well. */
export async function startMonitor(where: {
  folder: string;
  port: number;
}): Promise<MonitorProcess> {
  const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
  const child = spawn(
    process.execPath,
    [
      ...[cli, 'monitor', '--host', '127.0.0.1', '--port', String(where.port)],
      ...['--data', where.folder, '--config', `${where.folder}/config.json`],
      ...['--camera', 'synthetic', '--encoder', 'software'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (said += text.toString()));
  }
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  for (const deadline = Date.now() + 20_000; ;) {
    if (await isWell(where.port)) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the monitor did not start:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

async function isWell(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/healthz`).then(
    (response) => response.ok,
    () => false,
  );
}

/** A port that nobody listens on now, for a server that must come back on the same one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
