import { stat } from 'node:fs/promises';
import { Problem, toProblem } from '../errors.js';
import type { Addon, NativeError } from '../native.js';
import { wallUs } from '../system/wall-clock.js';
import type { Certificate } from './certificate.js';
import type { Recordings } from './recordings.js';
import { repairedCertificate, type MendedSegment } from './repaired-certificate.js';

export interface RepairTools {
  addon: Pick<Addon, 'repairSegment' | 'surveyLogs' | 'hashFile' | 'cancelHashes'>;
  recordings: Recordings;
  /** Of the machine as it runs now. */
  bootId: string | null;
}

/** Whether a recording's process ended before its files and its certificate were final. */
export function isUnfinished({ stop, files }: Certificate): boolean {
  // A file without a frame stays unclosed: there is nothing to close it behind.
  return stop === null || files.some(({ closed, frames }) => !closed && frames !== 0);
}

/**
 * Makes the files and the certificate of one recording final, as far as they go. Returns the new
 * certificate, or null where there was nothing to do. May be broken off and begun again. Throws
 * `recording-running` where a process is recording it, and what the disk says; a segment in which
 * there is no frame keeps nobody from mending the others.
 */
export async function repairRecording(
  { addon, recordings, bootId }: RepairTools,
  name: string,
): Promise<Certificate | null> {
  const known = await recordings.readOrMissing(name);
  if (known !== 'missing' && (known === 'foreign' || !isUnfinished(known))) return null;
  const videos = await recordings.videos(name);
  if (known === 'missing' && videos.length === 0) return null;
  const pathOf = (file: string): string => recordings.pathOf(name, file);

  const segments: MendedSegment[] = [];
  let frames = 0;
  for (const video of videos) {
    const segment = await mend(addon, pathOf, video, frames);
    frames += segment.repaired?.frames ?? 0;
    segments.push(segment);
  }
  const whole = segments.filter(({ repaired }) => (repaired?.logBytes ?? 0) > 0);
  const survey = await addon.surveyLogs(whole.map(({ log }) => pathOf(log)));
  const opened = known === 'missing' ? await lostCertificate(pathOf(''), name) : known;
  const sameBoot = bootId !== null && opened.bootId === bootId;
  const cause = sameBoot ? 'crash' : 'power';
  const certificate = repairedCertificate(opened, { segments, survey, cause, atWallUs: wallUs() });
  if (known === 'missing') await recordings.keepDamaged(name);
  await recordings.save(certificate);
  return certificate;
}

async function mend(
  addon: RepairTools['addon'],
  pathOf: (file: string) => string,
  video: string,
  firstFrame: number,
): Promise<MendedSegment> {
  const log = video.replace(/\.[^.]+$/, '.frames.csv');
  try {
    const repaired = await addon.repairSegment(pathOf(video), firstFrame);
    return { video, log, repaired, bytes: { video: null, log: null } };
  } catch (error) {
    if ((error as NativeError).code !== 'no-frames') throw toProblem(error);
    const bytes = { video: await sizeOf(pathOf(video)), log: await sizeOf(pathOf(log)) };
    return { video, log, repaired: null, bytes };
  }
}

/** What can be said of a recording whose certificate is lost, before its logs are read. */
async function lostCertificate(folder: string, name: string): Promise<Certificate> {
  const made = Math.round((await stat(folder)).mtimeMs) * 1000;
  return {
    version: 1,
    name,
    verdict: 'interrupted',
    repaired: true,
    start: { wallUs: made, sensorNs: null, by: 'unknown', at: null },
    stop: null,
    frames: null,
    losses: null,
    gaps: [],
    intervals: null,
    clock: [
      {
        fromSensorNs: null,
        wallUs: made,
        uncertaintyUs: null,
        source: 'unknown',
        reason: 'start',
      },
    ],
    health: { maxTemperatureC: null, throttled: [], undervoltage: null, maxUnsyncedMs: null },
    camera: null,
    encoder: null,
    settings: null,
    controls: {},
    metadata: {},
    versions: {},
    notes: [],
    files: [],
    bootId: null,
    plan: null,
    repair: {
      atWallUs: wallUs(),
      tails: [],
      rowsMade: 0,
      unreadable: [],
      certificateLost: true,
    },
  };
}

/**
 * Hashes the files of a recording that are final, where that is still to be done. `onHash` puts
 * each into the certificate. Once `stopped` resolves it returns, also in the midst of a large file.
 * A file that cannot be read keeps no other from its checksum: the first such error comes at the end.
 */
export async function completeHashes(
  { addon, recordings }: RepairTools,
  { name, files }: Certificate,
  onHash: (path: string, sha256: string) => Promise<void>,
  stopped = new Promise<null>(() => undefined),
): Promise<void> {
  const failures: unknown[] = [];
  for (const { path, sha256, bytes, closed, frames } of files) {
    const isFinal = closed || frames === 0;
    if (sha256 !== null || bytes === null || !isFinal) continue;
    try {
      const hash = await Promise.race([stopped, addon.hashFile(recordings.pathOf(name, path))]);
      if (hash === null) return;
      await onHash(path, hash.sha256);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw toProblem(failures[0]);
}

/** Says whose repair it was that failed. */
export function failedRepair(name: string, error: unknown): Problem {
  const { code, detail } = toProblem(error);
  return new Problem(code, `${name} could not be repaired: ${detail}`, null, { cause: error });
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}
