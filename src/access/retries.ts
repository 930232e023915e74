/** So many wrong tries are free, then each doubles the wait. */
const freeTries = 4;
const firstWaitMs = 1000;
const longestWaitMs = 5 * 60_000;
/** A quiet address is forgotten after this. */
const forgetMs = 15 * 60_000;
/** Addresses remembered; with more, the one that was quiet longest is forgotten. */
const mostAddresses = 1000;

/** Over all addresses: so many wrong tries a minute, so that many addresses help a guesser little. */
const freeTogether = 60;
const minuteMs = 60_000;

interface Tries {
  wrong: number;
  lastMs: number;
}

/** Slows down guessing of passwords. Pure: time comes in as milliseconds of one clock. */
export class Retries {
  private readonly byAddress = new Map<string, Tries>();
  private together: number[] = [];

  /** How long this address has to wait before a password of its is looked at; 0: not at all. */
  waitMs(address: string, nowMs: number): number {
    return Math.max(this.waitOfAddress(address, nowMs), this.waitTogether(nowMs), 0);
  }

  wrong(address: string, nowMs: number): void {
    const { wrong = 0 } = this.known(address, nowMs) ?? {};
    this.byAddress.delete(address); // set anew, it is the last: the first is the longest quiet
    this.byAddress.set(address, { wrong: wrong + 1, lastMs: nowMs });
    const [quietest] = this.byAddress.keys();
    if (this.byAddress.size > mostAddresses && quietest !== undefined) {
      this.byAddress.delete(quietest);
    }
    this.together = [...this.recent(nowMs), nowMs].slice(-freeTogether);
  }

  right(address: string): void {
    this.byAddress.delete(address);
  }

  private waitOfAddress(address: string, nowMs: number): number {
    const tries = this.known(address, nowMs);
    if (tries === undefined || tries.wrong < freeTries) return 0;
    const wait = Math.min(firstWaitMs * 2 ** (tries.wrong - freeTries), longestWaitMs);
    return tries.lastMs + wait - nowMs;
  }

  private waitTogether(nowMs: number): number {
    const recent = this.recent(nowMs);
    const [oldest = nowMs] = recent;
    return recent.length < freeTogether ? 0 : oldest + minuteMs - nowMs;
  }

  private recent(nowMs: number): number[] {
    return this.together.filter((atMs) => nowMs - atMs < minuteMs);
  }

  private known(address: string, nowMs: number): Tries | undefined {
    const tries = this.byAddress.get(address);
    return tries !== undefined && nowMs - tries.lastMs < forgetMs ? tries : undefined;
  }
}
