import { stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import { Problem, toProblem } from '../errors.js';
import type { Logger } from '../log.js';
import { readBootId } from '../system/boot-id.js';
import { Serial } from '../system/serial.js';
import { wallUs } from '../system/wall-clock.js';
import { linkKey, type RequestLine } from './link-key.js';
import type { PairingController } from './pairing.js';
import { isPassword } from './password.js';
import { Retries } from './retries.js';
import { includesRole, lesserRole, roles, type Role } from './role.js';
import { readSecrets, writeSecrets, type Secrets } from './secrets.js';
import { readSession, signSession, type BootTime } from './session.js';
import { SignedSessions, type SignedRequest } from './signed-sessions.js';
import { keptToken, tokenHash, type KeptToken } from './token.js';

/** What a request shows, empty where it shows nothing. */
export interface Credentials {
  /** The header Authorization. */
  authorization: string;
  /** The session's cookie. */
  session: string;
  /** What a signature is of; its role is the least the caller wants to be taken for. */
  line: RequestLine;
}

/** Who a request is from. */
export interface Recognised {
  /** Null: nobody we know. */
  role: Role | null;
  /** A browser here (signed in, or nobody has to), a program with a token, or one that signs. */
  by: 'page' | 'token' | 'signature';
  /** Null unless it signs. */
  signed: SignedRequest | null;
  /** Whether it would be taken for the same now: for what stays open. */
  holds: () => boolean;
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
  private readonly signedSessions = new SignedSessions();
  private readonly looks = new Serial();
  private readonly seenWallUs = new Map<string, number>();
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
    private readonly boot: string,
  ) {}

  /** Throws where the file cannot be read. `board`: this machine's serial number. */
  static async open(path: string, board: string | null, log: Logger): Promise<Gate> {
    const stamp = await stampOf(path);
    const boot = (await readBootId()) ?? '';
    const gate = new Gate(path, board, log, await readSecrets(path, board), stamp, boot);
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

  /** A token or signature that is shown and not known lets nobody in, password or not. */
  recognise(credentials: Credentials): Recognised {
    const { authorization, session, line } = credentials;
    const lowered = (role: Role | null): Role | null =>
      role !== null && line.role === 'view' ? lesserRole(role, 'view') : role;
    if (authorization === '') {
      const now = (): Role | null => lowered(this.roleOfBrowser(session));
      const role = now();
      return { role, by: 'page', signed: null, holds: () => isNoLess(now(), role) };
    }
    const signed = this.signedSessions.read(authorization, line);
    const hash = signed === null ? hashOfBearer(authorization) : null;
    const now = (): Role | null => {
      const known = ({ id, hash: kept }: KeptToken): boolean =>
        signed === null ? kept === hash : id === signed.tokenId;
      return lowered(this.secrets.tokens.find(known)?.role ?? null);
    };
    const role = now();
    if (signed !== null) this.seenWallUs.set(signed.tokenId, wallUs());
    const by = signed === null ? 'token' : 'signature';
    return { role, by, signed, holds: () => isNoLess(now(), role) };
  }

  /**
   * Begins a session with a caller who knows the token whose key has this name, and shows that this
   * machine knows it. `peer`: the caller's address. Throws `key-unknown`.
   */
  beginSignedSession(
    keyName: string,
    nonce: string,
    peer: string,
  ): { session: string; proof: string } {
    for (const { id, hash } of this.secrets.tokens) {
      const key = linkKey(hash);
      if (key.name === keyName) return this.signedSessions.begin(id, key, nonce, peer);
    }
    throw new Problem('key-unknown', 'No token or pairing here has this key: pair anew.', 'key');
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
    return { role, session: signSession(role, hash, this.secrets.key, this.now()) };
  }

  /** The tokens that were agreed with controllers; `seenWallUs`: since this program runs. */
  pairings(): (KeptToken & { seenWallUs: number | null })[] {
    return this.secrets.tokens
      .filter(({ controller }) => controller !== undefined)
      .map((token) => ({ ...token, seenWallUs: this.seenWallUs.get(token.id) ?? null }));
  }

  /** Keeps what was agreed with a controller, in place of what was agreed with it before. */
  async keepPairing(secret: string, role: Role, { id, name }: PairingController): Promise<void> {
    const kept = { ...keptToken(secret, name, role, wallUs()), controller: id };
    await this.amendTokens((tokens) => [
      ...tokens.filter(({ controller }) => controller !== id),
      kept,
    ]);
  }

  /** Throws `not-found`. */
  async endPairing(id: string): Promise<void> {
    if (!this.pairings().some((one) => one.id === id)) {
      throw new Problem('not-found', `There is no pairing ${id.slice(0, 100)}.`);
    }
    await this.amendTokens((tokens) => tokens.filter((one) => one.id !== id));
  }

  private amendTokens(change: (tokens: KeptToken[]) => KeptToken[]): Promise<void> {
    return this.looks.run(async () => {
      // Without its file (the disk may be gone) what held goes on to hold.
      const gone = (await stampOf(this.path)) === 'none';
      const now = gone ? this.secrets : await readSecrets(this.path, this.board);
      const secrets = { ...now, tokens: change(now.tokens) };
      await writeSecrets(this.path, secrets);
      this.secrets = secrets;
      this.stamp = await stampOf(this.path);
      for (const listener of this.listeners) listener();
    });
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

  private now(): BootTime {
    return { boot: this.boot, ms: Math.round(uptime() * 1000) };
  }

  private roleOfBrowser(session: string): Role | null {
    if (this.isOpen) return 'operate';
    const hashOf = (role: Role): string | null => this.secrets.passwords[role];
    return readSession(session, hashOf, this.secrets.key, this.now());
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

function hashOfBearer(authorization: string): string {
  const [, secret = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  return tokenHash(secret);
}

async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found === null ? 'none' : `${found.ino} ${found.size} ${found.mtimeMs}`;
}

/** Who may do more than before keeps what is under way, such as a long download. */
function isNoLess(now: Role | null, before: Role | null): boolean {
  return now === null || before === null ? now === before : includesRole(now, before);
}
