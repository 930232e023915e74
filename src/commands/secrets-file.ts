import { readSecrets, secretsPath, writeSecrets, type Secrets } from '../access/secrets.js';
import { boardSerial } from '../system/identity.js';
import { loadConfiguration, type ConfigurationOptions } from './configuration.js';

export type SecretsOptions = Pick<ConfigurationOptions, 'data' | 'config'>;

/** The secrets of the monitor these options name, and how to save them. */
export async function openSecrets(
  options: SecretsOptions,
): Promise<{ secrets: Secrets; save: (changed: Secrets) => Promise<void> }> {
  const store = await loadConfiguration(options);
  const path = secretsPath(store.dataFolder);
  const secrets = await readSecrets(path, await boardSerial());
  return { secrets, save: (changed) => writeSecrets(path, changed) };
}
