/**
 * Whether live pictures are given to anybody. Operators switch it, for all; it is on at each start.
 * Recordings have nothing to do with it.
 */
export class Streaming {
  private readonly watching = new Set<() => void>();
  private isOn = true;

  constructor(private readonly onChange: () => void) {}

  get on(): boolean {
    return this.isOn;
  }

  /** Off: all who watch are sent away. */
  set(on: boolean): void {
    if (on === this.isOn) return;
    this.isOn = on;
    if (!on) for (const end of [...this.watching]) end();
    this.onChange();
  }

  /** For one who watches; `end` sends them away. Returns what is to be called once they have left. */
  enter(end: () => void): () => void {
    this.watching.add(end);
    return () => this.watching.delete(end);
  }
}
