import type { Status } from '../../monitor/status.js';
import type { Member } from '../member.js';

/** What the wall shows of a monitor; times in µs since 1970, null is unknown. */
export interface Tile {
  number: number;
  id: string;
  name: string;
  address: string;
  /** Its own page. */
  page: string;
  groups: string[];
  reachable: boolean;
  conflict: boolean;
  /** Addresses at which something says it is this monitor and cannot prove it. */
  unproved: string[];
  /** False: its live view is switched off for everybody. */
  streaming: boolean;
  state: string | null;
  recording: string | null;
  losses: number | null;
  /** Why it cannot be commanded or what it complains of. */
  problem: string | null;
  lastError: string | null;
  /** What changes all the time. */
  figures: Figures;
}

export interface Figures {
  recordingSeconds: number | null;
  hoursLeft: number | null;
  temperatureC: number | null;
  offsetMs: number | null;
  uncertaintyMs: number | null;
}

export function tileOf(member: Member): Tile {
  const { entry, status, reachable, conflict, unproved, link } = member;
  const { losses } = status ?? {};
  return {
    number: entry.number,
    id: entry.id,
    name: member.name,
    address: entry.address,
    page: member.page,
    groups: entry.groups,
    reachable,
    conflict,
    unproved: [...unproved],
    streaming: streams(member),
    state: status?.state ?? null,
    recording: status?.recording?.name ?? null,
    losses:
      losses === undefined ? null : losses.sensor + losses.source + losses.encoder + losses.writer,
    problem: member.refusal?.detail ?? status?.problem?.detail ?? null,
    lastError: status === null ? null : (link.lastError?.detail ?? null),
    figures: figuresOf(member),
  };
}

/** One of an older version says nothing of it, and streams. */
export function streams({ status }: Member): boolean {
  return (status as Partial<Status> | null)?.streaming !== false;
}

function figuresOf({ status, reachable, link }: Member): Figures {
  const clock = reachable ? link.clock : null;
  const { firstSensorNs = null, lastSensorNs = null } = status?.recording ?? {};
  const recordedNs =
    firstSensorNs === null || lastSensorNs === null ? null : lastSensorNs - firstSensorNs;
  return {
    recordingSeconds: recordedNs === null ? null : Math.floor(recordedNs / 1e9),
    hoursLeft: rounded(status?.disk.hoursLeft ?? null),
    temperatureC: rounded(status?.health.temperatureC ?? null),
    offsetMs: rounded(clock === null ? null : clock.offsetUs / 1000),
    uncertaintyMs: rounded(clock === null ? null : clock.uncertaintyUs / 1000),
  };
}

/** To tenths: what does not show need not be sent again. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
