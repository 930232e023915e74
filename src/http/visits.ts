/** What stays open for a caller: a WebSocket, a stream, a long download. */
export interface Visit {
  /** Whether its caller would still be let in. */
  holds: () => boolean;
  close: () => void;
}

/** A session that ends by its time is noticed so soon. */
const lookEveryMs = 5000;

/** All that stays open at a server: for as long as its callers would be let in again. */
export class Visits {
  private readonly open = new Set<Visit>();
  private readonly looking = setInterval(() => this.closeUnwelcome(), lookEveryMs).unref();

  /** Returns what is to be called once it has closed, by whatever it was closed. */
  add(visit: Visit): () => void {
    this.open.add(visit);
    return () => this.open.delete(visit);
  }

  /** Also to be called when passwords or tokens have changed. */
  closeUnwelcome(): void {
    for (const visit of [...this.open]) if (!visit.holds()) visit.close();
  }

  stop(): void {
    clearInterval(this.looking);
  }
}
