import { fileURLToPath } from 'node:url';

/** What a program preloads that shall find a Pi's encoder; services/build-native-tests.sh makes it. */
export const fakepi = fileURLToPath(new URL('../libfakepi.so', import.meta.url));

/** The environment of a program that shall find a Pi's encoder, with these faults. */
export function onAPi(faults: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { LD_PRELOAD: fakepi, FAKEPI_STRICT: '1' };
  for (const [name, value] of Object.entries(faults)) env[`FAKEPI_${name}`] = value;
  return env;
}
