/** Sends a datagram to a Unix socket; whether it was taken. */
export type SendDatagram = (path: string, message: string) => boolean;

/** Exit code for a fault that a fresh start may mend (EX_TEMPFAIL of sysexits.h). */
export const temporaryFailure = 75;

/**
 * Tells systemd how the service fares (sd_notify(3)); where systemd has not started it, nobody is
 * told anything.
 */
export class Systemd {
  /** How often it must hear that all is well, or null where it does not ask. */
  readonly watchdogMs: number | null;
  private readonly socket: string | null;
  private saidStatus = '';

  constructor(
    environment: NodeJS.ProcessEnv,
    private readonly send: SendDatagram,
    pid = process.pid,
  ) {
    const { NOTIFY_SOCKET = '', WATCHDOG_USEC, WATCHDOG_PID } = environment;
    this.socket = NOTIFY_SOCKET === '' ? null : NOTIFY_SOCKET;
    const watchdogUs = Number(WATCHDOG_USEC);
    const meant = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid;
    this.watchdogMs = this.socket !== null && meant && watchdogUs > 0 ? watchdogUs / 1000 : null;
  }

  /** Whether systemd waits for what is told here, and starts the service again when it ends. */
  get listens(): boolean {
    return this.socket !== null;
  }

  ready(): void {
    this.tell('READY=1');
  }

  stopping(): void {
    this.tell('STOPPING=1');
  }

  /** A line for `systemctl status`; the same one is sent once. */
  status(text: string): void {
    if (text === this.saidStatus) return;
    this.saidStatus = text;
    this.tell(`STATUS=${text.replaceAll('\n', ' ')}`);
  }

  /** To be told only while the service does what it is for. */
  watchdog(): void {
    this.tell('WATCHDOG=1');
  }

  private tell(message: string): void {
    if (this.socket !== null) this.send(this.socket, message);
  }
}
