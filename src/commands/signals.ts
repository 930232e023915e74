import { once } from 'node:events';

/**
 * Resolves with the first SIGINT or SIGTERM. A second one ends the process at once: whoever sends
 * it does not want to wait for the file to be finished.
 */
export async function stopSignal(): Promise<NodeJS.Signals> {
  const first = await Promise.race(
    (['SIGINT', 'SIGTERM'] as const).map(async (signal) => {
      await once(process, signal);
      return signal;
    }),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
  }
  return first;
}
