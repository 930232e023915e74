import { resolveConfig } from '../config/config.js';
import type { Config } from '../config/schema.js';
import { checks } from '../doctor/checks/index.js';
import { examine } from '../doctor/examine.js';
import { conclusion, lineOf } from '../doctor/report.js';
import { thisMachine } from '../doctor/this-machine.js';
import { toProblem } from '../errors.js';
import { commandLineLayer, loadConfiguration, type ConfigurationOptions } from './configuration.js';

export interface DoctorOptions extends Pick<ConfigurationOptions, 'port' | 'data' | 'config'> {
  json?: boolean;
}

/** Examines this machine and prints what it finds; the exit code is 1 where something fails. */
export async function doctor(options: DoctorOptions): Promise<void> {
  // Its own words would stand between the lines; who wants them sets this.
  process.env['LIBCAMERA_LOG_LEVELS'] ??= '*:FATAL';
  const { config, problem } = await configuration(options);
  const machine = await thisMachine(config, problem);
  const results = await examine(machine, checks, (result) => {
    if (!options.json) console.log(lineOf(result));
  });
  console.log(options.json ? JSON.stringify({ checks: results }, null, 2) : conclusion(results));
  process.exit(results.some(({ state }) => state === 'fail') ? 1 : 0); // one that hung is left behind
}

async function configuration(
  options: DoctorOptions,
): Promise<{ config: Config; problem: string | null }> {
  try {
    return { config: (await loadConfiguration(options)).current, problem: null };
  } catch (error) {
    return { config: resolveConfig(commandLineLayer(options)), problem: toProblem(error).detail };
  }
}
