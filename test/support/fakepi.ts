import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = `${root}build/test-native/fakepi`;

/** What has to be preloaded into a program that shall find a Pi's encoder. */
export const fakepi = `${root}build/test/libfakepi.so`;
/** The program that holds the emulator to the real device's behaviour. */
export const fakepiTest = `${folder}/test/fakepi/fakepi_test`;

/**
 * Builds the emulator where it is out of date. Test files run side by side: one builds, the others
 * wait.
 */
export async function buildFakepi(target: 'fakepi' | 'fakepi_test' = 'fakepi'): Promise<string> {
  await mkdir(folder, { recursive: true });
  const cmake = async (...args: string[]): Promise<void> => {
    await run('flock', [`${folder}/lock`, 'cmake', ...args], { maxBuffer: 2 ** 26 });
  };
  await cmake('-S', root, '-B', folder, '-DPIMON_TESTS=ON', '-DPIMON_ADDON=OFF');
  await cmake('--build', folder, '--parallel', '2', '--target', 'fakepi', target);
  return fakepi;
}

/** The environment of a program that shall find a Pi's encoder, with these faults. */
export function onAPi(faults: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { LD_PRELOAD: fakepi, FAKEPI_STRICT: '1' };
  for (const [name, value] of Object.entries(faults)) env[`FAKEPI_${name}`] = value;
  return env;
}
