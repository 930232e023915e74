import { randomUUID } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import type { Static } from '@sinclair/typebox';
import { validator } from '../config/validate.js';
import { Problem, toProblem } from '../errors.js';
import { readJson, writeJson } from '../system/json-file.js';
import { Serial } from '../system/serial.js';
import {
  checkRepeat,
  mostEntries,
  ScheduleSchema,
  weekdays,
  type Entry,
  type EntryPatch,
  type EntryWish,
  type ScheduleContent,
} from './schema.js';

const validate = validator(ScheduleSchema, 'The schedule');

/** The entries as they are kept in a file; each change is on the disk before it holds. */
export class Schedule {
  private content: ScheduleContent = { timeZone: null, items: [] };
  /** Why the file cannot be read: it is not written over then. */
  private unreadable: Problem | null = null;
  private readonly changes = new Serial();

  constructor(
    private readonly path: string,
    private readonly onChanged: () => void,
  ) {}

  /** Reads the file where there is one. Throws where it cannot be read. */
  async load(): Promise<void> {
    try {
      const content = await readJson(this.path);
      if (content !== null) this.content = validate(content);
    } catch (error) {
      const { detail } = toProblem(error);
      const remedy = 'Mend it or move it away, and restart pi-monitor.';
      this.unreadable = new Problem(
        'malformed',
        `${this.path} cannot be read: ${detail} ${remedy}`,
      );
      throw this.unreadable;
    }
  }

  get items(): Entry[] {
    return this.content.items;
  }

  /** The name of the zone in which times of day are meant. */
  get timeZone(): string {
    return this.content.timeZone ?? Temporal.Now.timeZoneId();
  }

  /** Null: the machine's. */
  setTimeZone(timeZone: string | null): Promise<void> {
    return this.change((content) => ({ ...content, timeZone }));
  }

  async add(body: EntryWish): Promise<Entry> {
    const defaults = { enabled: true, days: [...weekdays], repeat: null, metadata: {} };
    const entry: Entry = { id: randomUUID(), ...defaults, ...body, skipUntil: null };
    checkRepeat(entry.repeat);
    await this.change((content) => {
      if (content.items.length < mostEntries) {
        return { ...content, items: [...content.items, entry] };
      }
      throw new Problem('invalid-value', `A schedule has at most ${mostEntries} entries.`);
    });
    return entry;
  }

  /** What a person stopped is forgotten where the times change. Throws `not-found`. */
  async update(id: string, patch: Static<typeof EntryPatch>): Promise<Entry> {
    checkRepeat(patch.repeat ?? null);
    return this.replace(id, (entry) => ({ ...entry, skipUntil: null, ...patch }));
  }

  /** Nothing of it begins before `untilMs` (UTC): at once, and also where it cannot be saved. */
  async skip(id: string, untilMs: number): Promise<void> {
    const skipping = (entry: Entry): Entry =>
      entry.id === id ? { ...entry, skipUntil: Math.round(untilMs * 1000) } : entry;
    const skipped = (content: ScheduleContent): ScheduleContent => ({
      ...content,
      items: content.items.map(skipping),
    });
    this.content = skipped(this.content);
    await this.change(skipped);
  }

  /** Throws `not-found`. */
  remove(id: string): Promise<void> {
    return this.change((content) => {
      this.get(id);
      return { ...content, items: content.items.filter((entry) => entry.id !== id) };
    });
  }

  get(id: string): Entry {
    const entry = this.items.find((one) => one.id === id);
    if (entry === undefined) throw new Problem('not-found', 'The schedule has no such entry.');
    return entry;
  }

  private async replace(id: string, make: (entry: Entry) => Entry): Promise<Entry> {
    await this.change((content) => {
      const made = make(this.get(id));
      return { ...content, items: content.items.map((one) => (one.id === id ? made : one)) };
    });
    return this.get(id);
  }

  private change(make: (content: ScheduleContent) => ScheduleContent): Promise<void> {
    return this.changes.run(async () => {
      if (this.unreadable !== null) throw this.unreadable;
      const next = make(this.content);
      await writeJson(this.path, next).catch((error: unknown) => {
        throw toProblem(error);
      });
      this.content = next;
      this.onChanged();
    });
  }
}
