import { once } from 'node:events';

/** What asks to stop, with the exit code of a process that it ends. SIGHUP: the terminal is gone. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const stopSignals = Object.keys(exitCodes) as (keyof typeof exitCodes)[];

/**
 * Resolves with the first SIGINT, SIGTERM or SIGHUP. A second one ends the process at once: whoever sends
 * it does not want to wait for the file to be finished.
 */
export async function stopSignal(): Promise<NodeJS.Signals> {
  const first = await Promise.race(
    stopSignals.map(async (signal) => {
      await once(process, signal);
      return signal;
    }),
  );
  for (const signal of stopSignals) {
    process.once(signal, () => process.exit(exitCodes[signal]));
  }
  return first;
}
