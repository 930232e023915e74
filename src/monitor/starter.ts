import { parseDuration } from '../config/duration.js';
import type { Config } from '../config/schema.js';
import { Problem } from '../errors.js';
import type { Addon } from '../native.js';
import type { ClockState } from '../system/wall-clock.js';
import type { Begin, Running } from './active-recording.js';
import type { Camera } from './camera.js';
import type { Certificate, Instant, Metadata } from './certificate.js';
import type { DiskGuard } from './disk-guard.js';
import { continuingCertificate, openingCertificate, type Opening } from './opening-certificate.js';
import { carriedOver, remainingMs } from './plan.js';
import type { Recorder } from './recorder.js';
import { nameFrom } from './recording-name.js';
import { longestLeadUs } from './recording-start.js';
import type { Recordings } from './recordings.js';
import type { Vitals } from './vitals.js';

export interface RecordingWish {
  name?: string;
  /** Infinity: until stopped. Without it: the configured one. */
  durationMs?: number;
  /** UTC in µs; without it: now. */
  startAtWallUs?: number;
  /** Without it an armed start moves along when the clock is set; false: its instant stays. */
  startFollowsClock?: boolean;
  metadata?: Metadata;
  /** Who asked: `api` or `schedule`. */
  by: string;
}

/** What a start needs to know and to tell. */
export interface StarterParts {
  addon: Pick<Addon, 'clockState'>;
  camera: Camera;
  recorder: Recorder;
  recordings: Recordings;
  disk: DiskGuard;
  vitals: Vitals;
  host: string;
  settings: () => Config;
  clock: () => ClockState;
  versions: () => Record<string, string | null>;
  bootId: () => string | null;
}

/** Begins recordings: at once, at an instant, or where one was broken off. */
export class Starter {
  constructor(private readonly parts: StarterParts) {}

  /** Resolves once the first frame is through the gate or, for a later instant, all is ready. */
  async start(wish: RecordingWish): Promise<Running> {
    const { recordings, host } = this.parts;
    const { settings, session, ...common } = this.prepare();
    const { metadata = {}, by, startFollowsClock = true } = wish;
    const now = this.now();
    const at = wish.startAtWallUs === undefined ? null : instantOf(wish.startAtWallUs, now);
    const durationMs = wish.durationMs ?? parseDuration(settings.recording.duration) ?? Infinity;
    const plan = {
      from: at ?? now,
      durationMs: Number.isFinite(durationMs) ? durationMs : null,
      ...(!startFollowsClock && { isFixed: true }),
    };
    const date = new Date((at ?? now).wallUs / 1000);
    const named = { host, at: date, metadata };
    return this.begin({
      ...{ session, settings, by, durationMs, startAtNs: at?.sensorNs ?? null, continues: null },
      name: wish.name ?? nameFrom(settings.recording.nameTemplate, named),
      checkDisk: () => this.parts.disk.refuse(recordings.folder, session.status().disk),
      certificate: (name) =>
        openingCertificate({ ...common, name, by, metadata, settings, session, at, plan }),
    });
  }

  /** Goes on with a recording that was broken off; its certificate must be final. */
  async resume(certificate: Certificate): Promise<Running> {
    const { recordings, disk } = this.parts;
    const { settings, session, ...common } = this.prepare();
    const now = this.now();
    const plan = carriedOver(certificate, now, common.bootId);
    const waits = certificate.start.at !== null && certificate.frames?.written === 0;
    const startAtNs = waits && plan.from.sensorNs > now.sensorNs ? plan.from.sensorNs : null;
    const { name, start, metadata } = certificate;
    return this.begin({
      ...{ session, settings, by: start.by, name, startAtNs, continues: certificate },
      durationMs: remainingMs(plan, now),
      checkDisk: () => disk.refuse(recordings.folder, session.status().disk),
      certificate: () =>
        continuingCertificate(certificate, {
          ...{ ...common, name, by: start.by, metadata, settings, session, at: start.at, plan },
        }),
    });
  }

  private async begin(begin: Begin): Promise<Running> {
    const running = await this.parts.recorder.start(begin);
    this.parts.recorder.followClock(this.now()); // it may have been set meanwhile
    return running;
  }

  private prepare(): Pick<Opening, 'settings' | 'session' | 'clock' | 'versions' | 'bootId'> {
    const { vitals, disk, camera, settings, clock, versions, bootId } = this.parts;
    vitals.mark();
    disk.begin();
    return {
      settings: settings(),
      session: camera.running(),
      clock: clock(),
      versions: versions(),
      bootId: bootId(),
    };
  }

  private now(): Instant {
    const { wallUs, monotonicNs: sensorNs } = this.parts.addon.clockState();
    return { wallUs, sensorNs };
  }
}

/** An instant of the wall clock on both, as the clocks stand now. Throws where it is not ahead. */
function instantOf(wallUs: number, now: Instant): Instant {
  const aheadUs = wallUs - now.wallUs;
  const field = 'startAt';
  if (aheadUs <= 0) {
    const clock = new Date(now.wallUs / 1000).toISOString();
    throw new Problem('invalid-value', `startAt is in the past: the clock says ${clock}.`, field);
  }
  if (aheadUs > longestLeadUs) {
    throw new Problem('invalid-value', 'startAt is at most 7 days ahead.', field);
  }
  return { wallUs, sensorNs: Math.round(now.sensorNs + aheadUs * 1000) };
}
