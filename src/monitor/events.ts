import { wallUs } from '../system/wall-clock.js';

export type EventType =
  'state' | 'loss' | 'error' | 'disk' | 'clock' | 'recording' | 'job' | 'viewer';

export interface LoggedEvent<T extends string> {
  /** Counts up by one; the first of a run is that run's start in milliseconds, so no two runs share ids. */
  id: number;
  type: T | 'gap';
  wallUs: number;
  data: Record<string, unknown>;
}

export type MonitorEvent = LoggedEvent<EventType>;
export type EventListener<T extends string> = (event: LoggedEvent<T>) => void;

/** Enough for hours of ordinary events; older ones are forgotten, and a late reader is told so. */
const capacity = 1000;

/** What happened, kept for those who were away. */
export class EventLog<T extends string = EventType> {
  private readonly kept: LoggedEvent<T>[] = [];
  private readonly listeners = new Set<EventListener<T>>();
  private nextId = Date.now();

  /** The id of the newest event; before the first, one below it. */
  get lastId(): number {
    return this.nextId - 1;
  }

  add(type: T, data: Record<string, unknown>): void {
    const event = { id: this.nextId++, type, wallUs: wallUs(), data };
    this.kept.push(event);
    if (this.kept.length > capacity) this.kept.shift();
    for (const listener of this.listeners) listener(event);
  }

  /**
   * The events after `id`. Where some of them are forgotten, or `id` is not of this run, the first
   * is a `gap`: the reader should ask for the whole status anew.
   */
  since(id: number): LoggedEvent<T>[] {
    const oldest = this.nextId - this.kept.length;
    if (id >= oldest - 1 && id < this.nextId) return this.kept.slice(id - oldest + 1);
    const gap: LoggedEvent<T> = {
      id: oldest - 1,
      type: 'gap',
      wallUs: wallUs(),
      data: { since: id, oldest },
    };
    return [gap, ...this.kept];
  }

  /** Calls `listener` with every event from now on; returns how to stop that. */
  subscribe(listener: EventListener<T>): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
