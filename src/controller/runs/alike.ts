import { isJsonObject, type JsonObject } from '../../config/merge-patch.js';
import type { Member } from '../member.js';
import type { Check } from './shapes.js';

/** Fields such as `camera.fps`, with their values as JSON. */
export type RecordedSettings = ReadonlyMap<string, string>;

/** What makes recordings alike. */
const sections = ['camera', 'encoder', 'recording'];
/** Each monitor's own. */
const own = new Set(['camera.id', 'camera.sync', 'recording.nameTemplate']);
const patienceMs = 5000;
/** More are counted only. */
const named = 3;

/** What a monitor would record with; null where it does not say. */
export async function settingsOf(member: Member): Promise<RecordedSettings | null> {
  if (!member.reachable) return null;
  const call = { method: 'GET', path: '/api/v1/config', timeoutMs: patienceMs } as const;
  try {
    const config = await member.json<JsonObject>(call);
    return new Map(sections.flatMap((section) => fieldsOf(config[section], section)));
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown, path: string): [string, string][] {
  if (own.has(path)) return [];
  if (!isJsonObject(value)) return [[path, JSON.stringify(value ?? null)]];
  return Object.entries(value).flatMap(([key, below]) => fieldsOf(below, `${path}.${key}`));
}

/** Of each field what most have. */
export function usualSettings(all: readonly (RecordedSettings | null)[]): RecordedSettings {
  const counts = new Map<string, Map<string, number>>();
  for (const [field, value] of all.flatMap((settings) => [...(settings ?? [])])) {
    const values = counts.get(field) ?? new Map<string, number>();
    counts.set(field, values.set(value, (values.get(value) ?? 0) + 1));
  }
  const mostOf = (values: Map<string, number>): string =>
    [...values].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
  return new Map([...counts].map(([field, values]) => [field, mostOf(values)]));
}

export function alike(settings: RecordedSettings | null, usual: RecordedSettings): Check {
  if (settings === null)
    return { check: 'settings', ok: false, detail: 'It does not say which settings it has.' };
  const other = [...usual].filter(([field, value]) => settings.get(field) !== value);
  if (other.length === 0) return { check: 'settings', ok: true, detail: 'They are the same.' };
  const words = other
    .slice(0, named)
    .map(([field, value]) => `${field} is ${settings.get(field) ?? 'unknown'}, most have ${value}`);
  const more = other.length > named ? `; ${other.length - named} more differ` : '';
  return { check: 'settings', ok: false, detail: `${words.join('; ')}${more}.` };
}
