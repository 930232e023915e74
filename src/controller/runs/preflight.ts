import type { Status } from '../../monitor/status.js';
import type { Member } from '../member.js';
import type { ControllerSettings } from '../settings.js';
import { alike, settingsOf, usualSettings } from './alike.js';
import type { Check, Preflight } from './shapes.js';

/** Where a monitor has not measured its rate yet: more than 1080p30 takes. */
const assumedBytesPerSecond = 1.5e6;

/**
 * Whether monitors can begin together, and why not. `durationMs` may be Infinity: then the disk needs
 * room for a beginning only.
 */
export async function preflight(
  members: readonly Member[],
  durationMs: number,
  limits: ControllerSettings['limits'],
): Promise<Preflight[]> {
  const settings = await Promise.all(members.map(settingsOf));
  const usual = usualSettings(settings);
  return members.map((member, i) => {
    const checks = checksOf(member, durationMs, limits, alike(settings[i] ?? null, usual));
    return { id: member.id, name: member.name, ready: checks.every(({ ok }) => ok), checks };
  });
}

function checksOf(
  member: Member,
  durationMs: number,
  limits: ControllerSettings['limits'],
  settings: Check,
): Check[] {
  const { refusal, status } = member;
  if (refusal !== null || status === null) {
    return [{ check: 'reachable', ok: false, detail: refusal?.detail ?? 'It has not answered.' }];
  }
  return [
    { check: 'reachable', ok: true, detail: 'It answers.' },
    idle(status),
    camera(status),
    disk(status, durationMs),
    clock(member, limits),
    settings,
    temperature(status, limits.temperatureC),
  ];
}

function idle({ state, recording }: Status): Check {
  const running = recording?.name ?? null;
  return running === null
    ? { check: 'idle', ok: state === 'idle', detail: `Its state is ${state}.` }
    : { check: 'idle', ok: false, detail: `It is recording ${running}.` };
}

function camera({ camera, problem }: Status): Check {
  const ok = camera !== null && problem === null;
  return {
    check: 'camera',
    ok,
    detail: problem?.detail ?? (ok ? 'It delivers.' : 'There is none.'),
  };
}

function disk({ disk }: Status, durationMs: number): Check {
  const { freeBytes, reserveBytes, hoursLeft } = disk;
  const hours =
    hoursLeft ??
    (freeBytes === null ? null : (freeBytes - (reserveBytes ?? 0)) / assumedBytesPerSecond / 3600);
  if (hours === null) return { check: 'disk', ok: false, detail: 'Its disk is not known.' };
  const wanted = durationMs / 3_600_000;
  const ok = Number.isFinite(wanted) ? hours >= wanted : hours > 0;
  return { check: 'disk', ok, detail: `There is room for ${hours.toFixed(1)} h.` };
}

function clock({ link }: Member, limits: ControllerSettings['limits']): Check {
  const reading = link.clock;
  if (reading === null) return { check: 'clock', ok: false, detail: 'It is not measured yet.' };
  const offsetMs = reading.offsetUs / 1000;
  const uncertaintyMs = reading.uncertaintyUs / 1000;
  const ok =
    Math.abs(offsetMs) <= limits.clockOffsetMs && uncertaintyMs <= limits.clockUncertaintyMs;
  const detail = `It is off by ${offsetMs.toFixed(1)} ms, known to ${uncertaintyMs.toFixed(1)} ms.`;
  return { check: 'clock', ok, detail };
}

function temperature({ health }: Status, limitC: number): Check {
  const { temperatureC, undervoltage } = health;
  if (undervoltage === true)
    return { check: 'temperature', ok: false, detail: 'Its power supply is too weak.' };
  const ok = temperatureC === null || temperatureC <= limitC;
  const detail =
    temperatureC === null ? 'It is not known.' : `It is ${temperatureC.toFixed(0)} °C.`;
  return { check: 'temperature', ok, detail };
}
