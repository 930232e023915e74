import { readSecrets, secretsPath, writeSecrets, type Secrets } from '../access/secrets.js';
import { boardSerial } from '../system/identity.js';
import { loadConfiguration, type ConfigurationOptions } from './configuration.js';

export type SecretsOptions = Pick<ConfigurationOptions, 'data' | 'config'>;

/**
 * The secrets of the monitor these options name, and how to change them: as they are by then, for
 * another command may have changed them while a person typed.
 */
export async function openSecrets(options: SecretsOptions): Promise<{
  secrets: Secrets;
  amend: (change: (secrets: Secrets) => Secrets) => Promise<void>;
}> {
  const store = await loadConfiguration(options);
  const path = secretsPath(store.dataFolder);
  const board = await boardSerial();
  return {
    secrets: await readSecrets(path, board),
    amend: async (change) => writeSecrets(path, change(await readSecrets(path, board))),
  };
}
