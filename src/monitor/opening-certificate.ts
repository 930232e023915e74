import type { Config } from '../config/schema.js';
import type { ControlValue, Session } from '../native.js';
import { Problem } from '../errors.js';
import { wallUs, type ClockState } from '../system/wall-clock.js';
import type { Certificate, Metadata } from './certificate.js';

export interface Opening {
  name: string;
  by: string;
  metadata: Metadata;
  settings: Config;
  session: Session;
  clock: ClockState;
  versions: Record<string, string | null>;
}

/** The certificate as written before the first frame: what is true if the process dies right then. */
export function openingCertificate(opening: Opening): Certificate {
  const { name, by, metadata, settings, session, clock, versions } = opening;
  const { camera } = session.status();
  if (camera === null) throw new Problem('camera-lost', 'The camera is not running.');
  const now = wallUs();
  const { uncertaintyMs, source } = clock;
  return {
    version: 1,
    name,
    verdict: 'interrupted',
    repaired: false,
    start: { wallUs: now, sensorNs: null, by },
    stop: null,
    frames: null,
    losses: null,
    gaps: [],
    intervals: null,
    clock: [
      {
        fromSensorNs: null,
        wallUs: now,
        uncertaintyUs: uncertaintyMs === null ? null : Math.round(uncertaintyMs * 1000),
        source,
        reason: 'start',
      },
    ],
    health: { maxTemperatureC: null, throttled: [], undervoltage: null, maxUnsyncedMs: null },
    camera,
    encoder: null,
    settings: { camera: settings.camera, encoder: settings.encoder },
    controls: controlValues(session),
    metadata,
    versions,
    notes: [],
    files: [{ path: `${name}_0000.mp4`, bytes: null, frames: null, firstFrame: 0, sha256: null }],
  };
}

function controlValues(session: Session): Record<string, ControlValue> {
  return Object.fromEntries(session.controls().map(({ id, value }) => [id, value]));
}
