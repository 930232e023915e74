import { Problem } from '../errors.js';
import type { Status } from '../monitor/status.js';
import { readAnswer, type ApiAnswer } from './api-answer.js';
import type { ApiCall, ApiCaller } from './api-caller.js';
import type { Entry } from './fleet-file.js';
import { baseOf } from './monitor-address.js';
import type { Heard, MonitorLink } from './monitor-link.js';
import type { MonitorView } from './shapes.js';

/** A monitor of the fleet with the way to it, as it stands now. */
export class Member {
  constructor(
    readonly entry: Readonly<Entry>,
    readonly link: MonitorLink,
    /** Two machines answer with its id. */
    readonly conflict: boolean,
    /** Addresses at which something says it is this monitor and cannot prove it. */
    readonly unproved: readonly string[],
  ) {}

  get id(): string {
    return this.entry.id;
  }

  get name(): string {
    return this.entry.name ?? this.status?.host ?? this.entry.address;
  }

  /** The address of its own page. */
  get page(): string {
    return `${baseOf(this.link.http.address)}/monitor.html`;
  }

  /** Null also where another monitor answers at its address. */
  get heard(): Heard | null {
    const { heard } = this.link;
    return heard?.status.id === this.entry.id ? heard : null;
  }

  get status(): Status | null {
    return this.heard?.status ?? null;
  }

  get reachable(): boolean {
    return this.link.reachable && this.heard !== null;
  }

  /** Why it cannot be commanded, or null. */
  get refusal(): Problem | null {
    if (this.conflict) {
      return new Problem(
        'identity-conflict',
        `Two machines answer as ${this.name}: remove identity.json from the data folder of the copy ` +
          'and restart it.',
      );
    }
    return this.reachable ? null : this.whyUnreachable;
  }

  private get whyUnreachable(): Problem {
    const { link, entry } = this;
    if (link.reachable && link.heard !== null && this.heard === null) {
      const host = link.heard.status.host;
      return new Problem(
        'unreachable',
        `At ${entry.address} now answers another monitor, ${host}.`,
      );
    }
    return link.problem ?? new Problem('unreachable', `${entry.address} has not answered yet.`);
  }

  /** Throws `unreachable` or `unproved` where not this monitor is known to be at the other end. */
  get http(): ApiCaller {
    if (this.heard === null) throw this.whyUnreachable;
    return this.link.http;
  }

  /** As MonitorLink's, of this monitor and no other that may have its address. */
  async call(call: ApiCall): Promise<ApiAnswer> {
    if (this.heard === null) throw this.whyUnreachable;
    return this.link.call(call);
  }

  /** As `call`, for answers that are JSON: others than 2xx throw as the monitor's own problem. */
  async json<T>(call: ApiCall): Promise<T> {
    return readAnswer(await this.call(call)) as T;
  }

  view(paired: boolean): MonitorView {
    const { entry, link, conflict, unproved, reachable, heard } = this;
    const agoMs = heard === null ? 0 : performance.now() - heard.atMs;
    return {
      id: entry.id,
      number: entry.number,
      name: this.name,
      address: entry.address,
      groups: entry.groups,
      reachable,
      link: link.kind,
      page: this.page,
      conflict,
      paired,
      unproved: [...unproved],
      status: heard?.status ?? null,
      heardWallUs: heard === null ? null : Math.round((Date.now() - agoMs) * 1000),
      clock: reachable ? rounded(link.clock) : null,
      problem: this.refusal?.toJSON() ?? null,
      lastError: heard === null ? null : link.lastError,
    };
  }
}

function rounded(clock: MonitorLink['clock']): MonitorView['clock'] {
  if (clock === null) return null;
  return {
    offsetUs: Math.round(clock.offsetUs),
    uncertaintyUs: Math.ceil(clock.uncertaintyUs),
  };
}
