import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config/schema.js';
import { Problem } from '../errors.js';
import type { NativeDisk, StopReason } from '../native.js';
import { thisMachine, type Surroundings } from './surroundings.js';

/** A disk that has not answered for this long is not asked to take a recording. */
const silentMs = 10_000;
/** And this is how long one waits for it then. */
const patienceMs = 5000;
/** The rate of a recording is known after this. */
const measuredAfterSeconds = 10;
/** A recording that was never measured is taken to need so many bits for a pixel. */
const guessedBitsPerPixel = 0.2;

export interface DiskStop {
  reason: Extract<StopReason, 'disk-reserve' | 'disk-gone'>;
  problem: Problem;
}

export interface DiskForecast {
  freeBytes: number;
  hoursLeft: number;
}

/**
 * Keeps recordings from filling the disk, and from going on where another disk is, or none. Knows
 * the disk by what it was when the program first saw it.
 */
export class DiskGuard {
  private home: Pick<NativeDisk, 'device' | 'fileSystem'> | null = null;
  private warned = false;
  private bytesPerSecond: number | null = null;
  private checkedAtMs = -Infinity;

  /** `settings`: those of the moment. */
  constructor(
    private readonly settings: () => Config,
    private readonly roomOn: Surroundings['roomOn'] = thisMachine.roomOn,
  ) {}

  /** To be told every answer of the disk. */
  look(disk: NativeDisk | null): void {
    if (disk?.present === true) this.home ??= { device: disk.device, fileSystem: disk.fileSystem };
  }

  /** The rate of the recording that runs; it is kept, as the best guess for the next. */
  measure(bytes: number, seconds: number): void {
    if (seconds >= measuredAfterSeconds) this.bytesPerSecond = bytes / seconds;
  }

  /** A new recording is warned of anew. */
  begin(): void {
    this.warned = false;
  }

  /** Of the rate last measured, until the reserve is reached; null before one was. */
  hoursLeft(disk: NativeDisk): number | null {
    if (this.bytesPerSecond === null || this.bytesPerSecond <= 0 || !disk.present) return null;
    const room = Math.max(0, disk.freeBytes - this.reserveBytes(disk.totalBytes));
    return Math.round(room / this.bytesPerSecond / 360) / 10;
  }

  /** What must be told of the disk a recording is on, once for each recording. */
  warning(disk: NativeDisk | null): DiskForecast | null {
    const hoursLeft = disk === null ? null : this.hoursLeft(disk);
    if (disk === null || hoursLeft === null || this.warned) return null;
    if (hoursLeft >= this.settings().disk.warnHours) return null;
    this.warned = true;
    return { freeBytes: disk.freeBytes, hoursLeft };
  }

  /** Why the recording that runs has to stop now. */
  reasonToStop(disk: NativeDisk | null): DiskStop | null {
    // What the disk was like before the recording was let in says nothing of it now.
    if (disk === null || disk.ageMs > performance.now() - this.checkedAtMs) return null;
    const gone = this.whyGone(disk);
    if (gone !== null) return { reason: 'disk-gone', problem: new Problem('disk-gone', gone) };
    const reserveBytes = this.reserveBytes(disk.totalBytes);
    if (disk.freeBytes >= reserveBytes) return null;
    const detail =
      `The recording was ended with ${megabytes(disk.freeBytes)} free: ` +
      `${megabytes(reserveBytes)} are kept in reserve.`;
    return { reason: 'disk-reserve', problem: new Problem('disk-full', detail) };
  }

  private whyGone(disk: NativeDisk): string | null {
    if (!disk.present) return 'The folder of recordings cannot be read any more.';
    if (!this.isHome(disk)) return 'Another disk is where the recording was begun.';
    if (disk.fileInPlace === false) return 'The file was moved or removed while it was recorded.';
    return null;
  }

  private isHome(disk: NativeDisk | null): boolean {
    const { home } = this;
    if (home === null || disk === null) return true;
    if (home.fileSystem !== '0') return home.fileSystem === disk.fileSystem;
    return home.device === disk.device;
  }

  /** Throws where a recording of even a minute has no place in `folder`, which need not exist. */
  async refuse(folder: string, disk: NativeDisk | null): Promise<void> {
    if (disk !== null && disk.ageMs > silentMs) {
      const seconds = Math.round(disk.ageMs / 1000);
      throw new Problem('disk-gone', `The disk has not answered for ${seconds} s.`);
    }
    const existing = await soon(nearestExisting(folder));
    // What the folder is on now must be the disk that was looked at last, and that the home disk.
    if (existing.device !== (disk ?? this.home ?? existing).device || !this.isHome(disk)) {
      const remedy = 'Mount it again, or restart pi-monitor to record to what is there now.';
      throw new Problem('disk-gone', `Another disk, or none, is mounted at ${folder}. ${remedy}`);
    }
    const { freeBytes: free, totalBytes } = await soon(this.roomOn(existing.path));
    const reserveBytes = this.reserveBytes(totalBytes);
    const minute = Math.ceil(60 * (this.bytesPerSecond ?? guessedRate(this.settings())));
    if (free >= reserveBytes + minute) {
      this.checkedAtMs = performance.now();
      return;
    }
    throw new Problem(
      'disk-full',
      `${megabytes(free)} are free; a minute takes about ${megabytes(minute)}, and ` +
        `${megabytes(reserveBytes)} are kept in reserve. Remove recordings or use another disk.`,
    );
  }

  /** What is left free of a disk of this size. */
  reserveBytes(totalBytes: number): number {
    const { reserveMegabytes, reservePercent } = this.settings().disk;
    return Math.max(reserveMegabytes * 1e6, (totalBytes * reservePercent) / 100);
  }
}

/**
 * What is left free by those who may be stopped without harm, such as conversions: twice the reserve,
 * so that they give up well before a recording has to.
 */
export function roomToKeep({ disk }: Config): { bytes: number; percent: number } {
  return { bytes: 2e6 * disk.reserveMegabytes, percent: 2 * disk.reservePercent };
}

function guessedRate({ camera }: Config): number {
  return (camera.width * camera.height * camera.fps * guessedBitsPerPixel) / 8;
}

/** What a disk answers, unless it takes too long. */
async function soon<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const problem = new Problem('disk-gone', `The disk does not answer.`);
    timer = setTimeout(() => reject(problem), patienceMs);
  });
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

/** The folder, or the nearest above it that exists. */
async function nearestExisting(folder: string): Promise<{ path: string; device: number }> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      return { path, device: (await stat(path)).dev };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === dirname(path)) throw error;
    }
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
}
