import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigPatch } from '../../src/config/config.js';

const port = 8000;

/** Where the monitor of a machine with this address is. */
export function labAddress(address: string): string {
  return `${address}:${port}`;
}

/** `pi-monitor monitor` on a machine of a LabNetwork. */
export class LabMonitor {
  private constructor(private readonly child: ChildProcess) {}

  /** Resolves at once: whoever needs it waits until it answers. */
  static async start(machine: string, folder: string, settings: ConfigPatch): Promise<LabMonitor> {
    await mkdir(folder);
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify(settings));
    const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
    const program = [process.execPath, cli, 'monitor', '--port', String(port)];
    const files = ['--data', folder, '--config', config, '--log', 'error'];
    const args = ['netns', 'exec', machine, ...program, ...files];
    return new LabMonitor(spawn('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] }));
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exit;
  }
}
