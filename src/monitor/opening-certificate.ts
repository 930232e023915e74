import type { Config } from '../config/schema.js';
import type { ControlValue, Session } from '../native.js';
import { Problem } from '../errors.js';
import type { MappingEntry } from '../system/clock-mapping.js';
import { wallUs, type ClockState } from '../system/wall-clock.js';
import type { Certificate, Instant, Metadata, Plan } from './certificate.js';
import { interruptionOf } from './continuation.js';
import { withoutTransfer } from './transfer.js';

export interface Opening {
  name: string;
  by: string;
  metadata: Metadata;
  settings: Config;
  session: Session;
  clock: ClockState;
  versions: Record<string, string | null>;
  /** The instant for which it is armed; null: at once. */
  at: Instant | null;
  plan: Plan;
  bootId: string | null;
}

/** The certificate as written before the first frame: what is true if the process dies right then. */
export function openingCertificate(opening: Opening): Certificate {
  const { name, by, metadata, settings, session, clock, versions, at, plan, bootId } = opening;
  const { camera } = session.status();
  if (camera === null) throw new Problem('camera-lost', 'The camera is not running.');
  const now = wallUs();
  return {
    version: 1,
    name,
    verdict: 'interrupted',
    repaired: false,
    start: { wallUs: at?.wallUs ?? now, sensorNs: null, by, at },
    stop: null,
    frames: null,
    losses: null,
    gaps: [],
    intervals: null,
    clock: [firstMapping(now, clock)],
    health: { maxTemperatureC: null, throttled: [], undervoltage: null, maxUnsyncedMs: null },
    camera,
    encoder: null,
    settings: { camera: settings.camera, encoder: settings.encoder },
    controls: controlValues(session),
    metadata,
    versions,
    notes: [],
    files: [],
    bootId,
    plan,
    repair: null,
  };
}

/**
 * The certificate of a recording that goes on, before the first frame of its next part. It has the
 * gap already, so that a repair knows of it where nobody gets to measure it.
 */
export function continuingCertificate(before: Certificate, opening: Opening): Certificate {
  const { camera, settings, controls, versions, plan, bootId, clock } = openingCertificate(opening);
  return {
    ...withoutTransfer(before),
    ...{ camera, settings, controls, versions, plan, bootId },
    verdict: 'interrupted',
    stop: null,
    gaps: [
      ...before.gaps,
      {
        afterFrame: before.frames?.written ?? 0,
        frames: 0,
        stage: 'sensor',
        sensorNs: null,
        reason: interruptionOf(before),
      },
    ],
    clock: [...before.clock, ...clock],
  };
}

/** Of a recording, or of a part of it, whose first frame is still to come. */
export function firstMapping(wallUs: number, { uncertaintyMs, source }: ClockState): MappingEntry {
  const uncertaintyUs = uncertaintyMs === null ? null : Math.round(uncertaintyMs * 1000);
  return { fromSensorNs: null, wallUs, uncertaintyUs, source, reason: 'start' };
}

/**
 * The mappings once the first frame is there: they begin with it. An armed recording may have waited
 * long for it, and how good the clock is by then is what counts, not what it was when it was armed.
 */
export function mappingsFrom(
  mappings: readonly MappingEntry[],
  { wallUs, sensorNs }: Instant,
): MappingEntry[] {
  const at = mappings.findIndex(
    ({ reason, fromSensorNs }) => reason === 'start' && fromSensorNs === null,
  );
  const opened = mappings[at];
  if (opened === undefined) return [...mappings];
  const since = mappings.slice(at + 1);
  const isLater = ({ fromSensorNs }: MappingEntry): boolean => (fromSensorNs ?? 0) > sensorNs;
  const { uncertaintyUs, source } = since.filter((one) => !isLater(one)).at(-1) ?? opened;
  const first = { ...opened, fromSensorNs: sensorNs, wallUs, uncertaintyUs, source };
  return [...mappings.slice(0, at), first, ...since.filter(isLater)];
}

function controlValues(session: Session): Record<string, ControlValue> {
  return Object.fromEntries(session.controls().map(({ id, value }) => [id, value]));
}
