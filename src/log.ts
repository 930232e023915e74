import { pino, type Logger } from 'pino';

export type { Logger };

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines on stderr. Written in the background: a reader that stalls must not stall the server. */
export function createLog(level: LogLevel): Logger {
  const destination = pino.destination({ dest: 2, sync: false });
  process.once('exit', () => {
    try {
      destination.flushSync();
    } catch {
      // Nobody is left to tell: stderr itself is gone.
    }
  });
  return pino({ level, base: null }, destination);
}
