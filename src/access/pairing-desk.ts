import { randomInt } from 'node:crypto';
import { Problem } from '../errors.js';
import { Cpace } from './cpace.js';
import { isSame } from './link-key.js';
import { aboutController, aboutMonitor, outcomeOf, pairingChannel } from './pairing.js';
import type { PairingController, PairingOutcome } from './pairing.js';
import type { Role } from './role.js';

/** How long a code is shown, and how often one may be wrong: five of a hundred million. */
const shownMs = 120_000;
const mostTries = 5;
const digits = 8;

/** How the last code came to its end. */
export type PairingEnd = 'paired' | 'expired' | 'guessed' | 'cancelled';

interface Shown {
  code: string;
  role: Role;
  untilMs: number;
  triesLeft: number;
  /** By the session's name: those begun, each of which has cost a try. */
  exchanges: Map<string, { controller: PairingController; outcome: PairingOutcome }>;
}

/** What the monitor's own page shows. */
export interface DeskView {
  shown: { code: string; role: Role; leftMs: number; triesLeft: number } | null;
  ended: PairingEnd | null;
}

export interface DeskParts {
  id: () => string;
  /** Keeps what was agreed; resolves once it holds. */
  keep: (token: string, role: Role, controller: PairingController) => Promise<void>;
  /** A clock that nobody sets, in milliseconds. */
  nowMs: () => number;
}

/** Pairs this monitor with a controller whose user types the code that is shown here. One at a time. */
export class PairingDesk {
  private shown: Shown | null = null;
  private end: PairingEnd | null = null;

  constructor(private readonly parts: DeskParts) {}

  /** A new code; an older one holds no longer. `role`: the controller's here. */
  show(role: Role): void {
    const code = String(randomInt(10 ** digits)).padStart(digits, '0');
    const untilMs = this.parts.nowMs() + shownMs;
    this.shown = { code, role, untilMs, triesLeft: mostTries, exchanges: new Map() };
    this.end = null;
  }

  cancel(): void {
    if (this.current !== null) this.close('cancelled');
  }

  view(): DeskView {
    const { current } = this;
    if (current === null) return { shown: null, ended: this.end };
    const { code, role, untilMs, triesLeft } = current;
    const leftMs = Math.round(untilMs - this.parts.nowMs());
    return { shown: { code, role, leftMs, triesLeft }, ended: null };
  }

  /** A controller's first word: its share. The answer lets it try one code, and so costs a try. */
  begin(session: string, share: string, controller: PairingController): { share: string } {
    const current = this.demandShown();
    if (current.exchanges.has(session))
      throw new Problem('invalid-value', 'It is used.', 'session');
    if (current.triesLeft === 0) {
      this.close('guessed');
      throw notPairing('The code was wrong too often');
    }
    current.triesLeft--;
    const side = new Cpace(current.code, pairingChannel, Buffer.from(session, 'base64url'));
    const theirs = { share: Buffer.from(share, 'base64url'), about: aboutController(controller) };
    const outcome = outcomeOf(keyOf(side, aboutMonitor(this.parts.id()), theirs));
    current.exchanges.set(session, { controller, outcome });
    return { share: Buffer.from(side.share).toString('base64url') };
  }

  /** Its second: the proof that it had the code. Throws `code-wrong`. */
  async confirm(session: string, proof: string): Promise<{ proof: string }> {
    const { exchanges, role, triesLeft } = this.demandShown();
    const exchange = exchanges.get(session);
    exchanges.delete(session); // one proof for each exchange
    if (exchange === undefined) throw new Problem('invalid-value', 'It was not begun.', 'session');
    const { controller, outcome } = exchange;
    if (!isSame(proof, outcome.controllerProof)) {
      if (triesLeft === 0) this.close('guessed');
      throw new Problem('code-wrong', `Type the ${digits} digits that the monitor shows.`, 'code');
    }
    this.close('paired');
    await this.parts.keep(outcome.token, role, controller);
    return { proof: outcome.monitorProof };
  }

  private demandShown(): Shown {
    if (this.current === null) throw notPairing('No code is shown');
    return this.current;
  }

  private get current(): Shown | null {
    if (this.shown !== null && this.parts.nowMs() >= this.shown.untilMs) this.close('expired');
    return this.shown;
  }

  private close(end: PairingEnd): void {
    this.shown = null;
    this.end = end;
  }
}

function keyOf(side: Cpace, mine: Buffer, theirs: { share: Buffer; about: Buffer }): Buffer {
  try {
    return side.key('responder', mine, theirs);
  } catch (error) {
    throw new Problem('invalid-value', 'That is no share of a key.', 'share', { cause: error });
  }
}

function notPairing(why: string): Problem {
  return new Problem('not-pairing', `${why}: show a code under System on the monitor's page.`);
}
