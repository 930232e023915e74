import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakeCommands {
  folder: string;
  /** A line for each call, `name argument argument`. */
  calls: () => Promise<string[]>;
  /** What a command does besides, in sh; its arguments are "$@". */
  script: (name: string, body: string) => Promise<void>;
  remove: () => Promise<void>;
}

/** Puts commands of these names, which only note their calls, before all others of this process. */
export async function fakeCommands(...names: string[]): Promise<FakeCommands> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-commands-'));
  const log = join(folder, 'calls.log');
  await writeFile(log, '');
  const script = async (name: string, body: string): Promise<void> => {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\necho ${name} "$@" >> ${log}\n${body}\n`);
    await chmod(path, 0o755);
  };
  for (const name of names) await script(name, '');
  const before = process.env['PATH'] ?? '';
  process.env['PATH'] = `${folder}:${before}`;
  return {
    folder,
    calls: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
    script,
    remove: async () => {
      process.env['PATH'] = before;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
