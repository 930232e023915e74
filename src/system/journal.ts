import { fstatSync } from 'node:fs';

/** syslog's priorities by pino's levels: systemd reads them before each line (sd-daemon(3)). */
const priorities: Record<number, number> = { 10: 7, 20: 7, 30: 6, 40: 4, 50: 3, 60: 2 };

/** Whether what is written to `fd` goes into systemd's journal (systemd.exec(5), JOURNAL_STREAM). */
export function isJournal(fd: number, environment: NodeJS.ProcessEnv): boolean {
  const { JOURNAL_STREAM } = environment;
  if (JOURNAL_STREAM === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd);
    return JOURNAL_STREAM === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/**
 * A line of the log as the journal wants it: its priority, the sentence, then what else there is.
 * The journal keeps the time itself.
 */
export function journalLine(line: string): string {
  const { level, time: _, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const sentence = typeof msg === 'string' ? msg.replaceAll('\n', ' ') : '';
  const more = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
  return `<${priorities[Number(level)] ?? 6}>${sentence}${more}\n`;
}
