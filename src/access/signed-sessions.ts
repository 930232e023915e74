import { randomBytes } from 'node:crypto';
import { isSame, proofOf, sessionKey, signAnswer, signRequest } from './link-key.js';
import type { LinkKey, RequestLine } from './link-key.js';

/** A request that was signed, and not sent before. */
export interface SignedRequest {
  /** The token whose key signed it. */
  tokenId: string;
  /** contentHash of the body it must have. */
  content: string;
  /** Signs its answer: the value of the header Authentication-Info. */
  answerInfo: (status: number, content: string) => string;
}

interface Session {
  tokenId: string;
  /** Who began it. */
  peer: string;
  key: Buffer;
  /** A request of it was right; until then anyone may have begun it. */
  used: boolean;
  highest: number;
  /** Those not older than `window` below the highest. */
  seen: Set<number>;
}

/** Requests overtake each other on the way, by not more than this. */
const window = 1024;
/**
 * Anyone may begin one, so that only so many are kept that nobody has used, of all and of one address: who
 * begins many loses their own. And of each token so many.
 */
const mostUnused = 64;
const mostOfPeer = 8;
const mostOfToken = 4;

/**
 * Sessions with those who know a token's key: they begin with the server's proof, each request is signed
 * and taken once. They live in memory; after a restart the caller begins another.
 */
export class SignedSessions {
  private readonly sessions = new Map<string, Session>();

  /** `peer`: the address of whoever asks for it. */
  begin(
    tokenId: string,
    { key }: LinkKey,
    nonce: string,
    peer: string,
  ): { session: string; proof: string } {
    const session = randomBytes(16).toString('base64url');
    const hello = { nonce, session };
    this.sessions.set(session, {
      ...{ tokenId, peer },
      key: sessionKey(key, hello),
      ...{ used: false, highest: 0, seen: new Set<number>() },
    });
    this.dropOldest(mostOfPeer, (one) => !one.used && one.peer === peer);
    this.dropOldest(mostUnused, ({ used }) => !used);
    return { session, proof: proofOf(key, hello) };
  }

  /** Reads `PiMonitor SESSION.COUNTER.CONTENT.SIGNATURE`; null where it is not right, or came before. */
  read(authorization: string, line: RequestLine): SignedRequest | null {
    const match = /^PiMonitor ([\w-]+)\.(\d{1,15})\.([\w-]*)\.([\w-]+)$/.exec(authorization);
    if (match === null) return null;
    const [, name = '', digits = '', content = '', signature = ''] = match;
    const counter = Number(digits);
    const session = this.sessions.get(name);
    if (session === undefined || !isFresh(session, counter)) return null;
    const { key, tokenId } = session;
    if (!isSame(signature, signRequest(key, counter, line, content))) return null;
    remember(session, counter);
    if (!session.used) {
      session.used = true;
      this.dropOldest(mostOfToken, (one) => one.used && one.tokenId === tokenId);
    }
    const answerInfo = (status: number, body: string): string =>
      `${body}.${signAnswer(key, counter, status, body)}`;
    return { tokenId, content, answerInfo };
  }

  /** The oldest come first in a Map. */
  private dropOldest(most: number, of: (session: Session) => boolean): void {
    const names = [...this.sessions].flatMap(([name, session]) => (of(session) ? [name] : []));
    for (const name of names.slice(0, -most)) this.sessions.delete(name);
  }
}

function isFresh({ highest, seen }: Session, counter: number): boolean {
  return counter > highest - window && !seen.has(counter);
}

function remember(session: Session, counter: number): void {
  session.seen.add(counter);
  if (counter <= session.highest) return;
  session.highest = counter;
  if (session.seen.size < 2 * window) return;
  for (const one of session.seen) if (one <= counter - window) session.seen.delete(one);
}
