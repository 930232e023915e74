import { join } from 'node:path';
import type { MonitorEvent } from '../monitor/events.js';

export const hookMoments = ['start', 'segment', 'stop', 'error'] as const;
export type HookMoment = (typeof hookMoments)[number];

/** What a hook is told. Null is none. */
export interface HookEvent {
  event: HookMoment;
  host: string;
  wallUs: number;
  recording: string | null;
  /** The recording's folder, absolute. */
  folder: string | null;
  /** The video of the segment that was closed, in that folder. */
  file: string | null;
  /** Why a recording ended, or an error's code. */
  reason: string | null;
  /** An error in a sentence. */
  detail: string | null;
}

/** A hook's own failure, which calls no hook: it would go on for ever. */
export const hookFailure = 'hook-failed';

const momentOf: Record<string, HookMoment> = {
  started: 'start',
  resumed: 'start',
  segment: 'segment',
  ended: 'stop',
};

/** What hooks are told of an event, or null where none is called. `running`: the recording's name. */
export function hookEventOf(
  { type, wallUs, data }: MonitorEvent,
  { host, folder, running }: { host: string; folder: string; running: string | null },
): HookEvent | null {
  const moment = type === 'error' ? 'error' : momentOf[String(data['action'])];
  const isFor = type === 'error' ? data['code'] !== hookFailure : type === 'recording';
  if (moment === undefined || !isFor) return null;
  const recording = moment === 'error' ? running : text(data['name']);
  return {
    event: moment,
    host,
    wallUs,
    recording,
    folder: recording === null ? null : join(folder, recording),
    file: text(data['file']),
    reason: text(moment === 'error' ? data['code'] : data['reason']),
    detail: text(data['detail']),
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** As a command finds it in its environment; what there is none of is empty. */
export function environmentOf(event: HookEvent): Record<string, string> {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => [
      `PI_MONITOR_${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`,
      value === null ? '' : String(value),
    ]),
  );
}
