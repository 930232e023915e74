import { write, writeSync } from 'node:fs';
import { pino, type DestinationStream, type Logger } from 'pino';
import { isJournal, journalLine } from './system/journal.js';

export type { Logger };

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

const stderrFd = 2;
/** What waits for a reader that stalls; lines beyond it are dropped. */
const mostWaiting = 1024 * 1024;
const retryMs = 100;

/**
 * JSON lines on stderr; in systemd's journal sentences with a priority. Written in the background: a
 * reader that stalls must not stall the server.
 */
export function createLog(level: LogLevel): Logger {
  const form = isJournal(stderrFd, process.env) ? journalLine : undefined;
  const destination = new LogDestination(stderrFd, form);
  process.once('exit', () => destination.writeRest());
  return pino({ level, base: null }, destination);
}

/**
 * Writes lines to a file descriptor, one write at a time. What it does not take (a full disk, a
 * closed pipe) is dropped: a log is never worth waiting for, least of all at the end.
 */
export class LogDestination implements DestinationStream {
  private waiting: string[] = [];
  private waitingLength = 0;
  private writing = false;

  constructor(
    private readonly fd: number,
    private readonly form: (line: string) => string = (line) => line,
  ) {}

  write(json: string): void {
    const line = this.form(json);
    if (this.waitingLength + line.length > mostWaiting) return;
    this.waiting.push(line);
    this.waitingLength += line.length;
    if (!this.writing) this.writeBytes(this.take());
  }

  /** For the exit of the process: what still waits, in one attempt. */
  writeRest(): void {
    const bytes = this.take();
    try {
      if (bytes.length > 0) writeSync(this.fd, bytes);
    } catch {
      // Nobody is left to tell: stderr itself is gone.
    }
  }

  private writeBytes(bytes: Buffer): void {
    this.writing = true;
    write(this.fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.writeBytes(bytes), retryMs).unref();
        return;
      }
      const rest = error === null ? bytes.subarray(written) : Buffer.alloc(0);
      if (rest.length > 0) this.writeBytes(rest);
      else if (this.waiting.length > 0) this.writeBytes(this.take());
      else this.writing = false;
    });
  }

  private take(): Buffer {
    const bytes = Buffer.from(this.waiting.join(''));
    this.waiting = [];
    this.waitingLength = 0;
    return bytes;
  }
}
