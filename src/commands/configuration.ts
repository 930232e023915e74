import { join } from 'node:path';
import type { ConfigPatch } from '../config/config.js';
import { checkBroker } from '../config/mqtt.js';
import { ConfigStore, expandHome } from '../config/store.js';

/** What every command takes that reads the configuration. */
export interface ConfigurationOptions {
  port?: number;
  host?: string;
  data?: string;
  config?: string;
  camera?: string;
  encoder?: string;
}

/** Reads the file the options name, or the one in the data folder. Throws what is wrong with it. */
export async function loadConfiguration(options: ConfigurationOptions): Promise<ConfigStore> {
  const { data = '~/pi-monitor', config } = options;
  const path = config === undefined ? join(expandHome(data), 'config.json') : expandHome(config);
  const store = await ConfigStore.load(path, commandLineLayer(options));
  checkBroker(store.current.mqtt);
  return store;
}

/** The layer of the configuration that holds for this run. */
export function commandLineLayer(options: ConfigurationOptions): ConfigPatch {
  const { port, host, data, camera, encoder } = options;
  return {
    ...(data !== undefined && { dataFolder: data }),
    server: { ...(port !== undefined && { port }), ...(host !== undefined && { host }) },
    camera: { ...(camera !== undefined && { id: camera }) },
    encoder: { ...(encoder !== undefined && { kind: encoder }) },
  };
}
