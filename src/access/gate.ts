import { stat } from 'node:fs/promises';
import { Problem, toProblem } from '../errors.js';
import type { Logger } from '../log.js';
import { Serial } from '../system/serial.js';
import { isPassword } from './password.js';
import { Retries } from './retries.js';
import { roles, type Role } from './role.js';
import { readSecrets, type Secrets } from './secrets.js';
import { readSession, signSession } from './session.js';
import { tokenHash } from './token.js';

/** What a request shows, empty where it shows nothing. */
export interface Credentials {
  /** The header Authorization. */
  authorization: string;
  /** The session's cookie. */
  session: string;
}

/** A password was wrong too often. */
export class TooManyTries extends Problem {
  constructor(readonly waitS: number) {
    super('too-many-requests', `Wait ${waitS} s before the next try.`, 'password');
  }
}

const lookEveryMs = 1000;
/** Passwords waiting to be looked at: each takes 32 MB and a part of a second. */
const mostWaiting = 4;

/**
 * Knows who may come in. The file is looked at every second, so what `pi-monitor passwd` and
 * `pi-monitor token` write there soon holds.
 */
export class Gate {
  private readonly retries = new Retries();
  private readonly looks = new Serial();
  private waiting = 0;
  private timer: NodeJS.Timeout | null = null;
  private readonly listeners: (() => void)[] = [];
  /** The stamp of a file that could not be read: it is told once, and tried again. */
  private unreadable: string | null = null;

  private constructor(
    private readonly path: string,
    private readonly board: string | null,
    private readonly log: Logger,
    private secrets: Secrets,
    private stamp: string,
  ) {}

  /** Throws where the file cannot be read. `board`: this machine's serial number. */
  static async open(path: string, board: string | null, log: Logger): Promise<Gate> {
    const stamp = await stampOf(path);
    const gate = new Gate(path, board, log, await readSecrets(path, board), stamp);
    gate.timer = setInterval(() => void gate.look(), lookEveryMs).unref();
    return gate;
  }

  close(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** Whether there is no password: who is served at all may do everything. */
  get isOpen(): boolean {
    return this.secrets.passwords.operate === null;
  }

  /** Calls `listener` whenever passwords or tokens have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Null: nobody we know. A token that is shown and not known lets nobody in, password or not. */
  roleOf({ authorization, session }: Credentials): Role | null {
    if (authorization !== '') return this.roleOfToken(authorization);
    if (this.isOpen) return 'operate';
    const hashOf = (role: Role): string | null => this.secrets.passwords[role];
    return readSession(session, hashOf, this.secrets.key, Date.now());
  }

  /**
   * The role a password has, and what the browser is to show from now on. Throws `unauthorised`, or
   * TooManyTries where this address, or all together, were wrong too often.
   */
  async signIn(password: string, address: string): Promise<{ role: Role; session: string }> {
    if (this.isOpen) throw new Problem('invalid-value', 'There is no password here.', 'password');
    const waitMs = this.retries.waitMs(address, performance.now());
    if (waitMs > 0) throw new TooManyTries(Math.ceil(waitMs / 1000));
    if (this.waiting >= mostWaiting) throw new TooManyTries(1);
    this.waiting++;
    const role = await this.roleOfPassword(password).finally(() => this.waiting--);
    const hash = role && this.secrets.passwords[role];
    if (role === null || hash === null) {
      this.retries.wrong(address, performance.now());
      this.log.warn({ address }, 'A wrong password was given.');
      throw new Problem('unauthorised', 'The password is wrong.', 'password');
    }
    this.retries.right(address);
    return { role, session: signSession(role, hash, this.secrets.key, Date.now()) };
  }

  /** Reads the file where it has changed; also done by itself. */
  look(): Promise<void> {
    return this.looks.run(async () => {
      const stamp = await stampOf(this.path);
      if (stamp === this.stamp) return;
      if (stamp === 'none') return; // its disk may be gone: that opens nothing
      try {
        this.secrets = await readSecrets(this.path, this.board);
        this.stamp = stamp;
        this.unreadable = null;
        for (const listener of this.listeners) listener();
      } catch (error) {
        // What held so far goes on to hold. Root writes the file before it is the service's, and what is
        // wrong may pass without the file becoming another.
        if (this.unreadable !== stamp) this.log.error(toProblem(error).detail);
        this.unreadable = stamp;
      }
    });
  }

  private roleOfToken(authorization: string): Role | null {
    const [, secret = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    const hash = tokenHash(secret);
    return this.secrets.tokens.find((token) => token.hash === hash)?.role ?? null;
  }

  /** All are tried, so that the time tells nothing. */
  private async roleOfPassword(password: string): Promise<Role | null> {
    let found: Role | null = null;
    for (const role of roles) {
      const hash = this.secrets.passwords[role];
      if (hash !== null && (await isPassword(password, hash))) found = role;
    }
    return found;
  }
}

async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found === null ? 'none' : `${found.ino} ${found.size} ${found.mtimeMs}`;
}
