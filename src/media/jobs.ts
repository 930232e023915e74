import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem, toProblem, type ProblemJson } from '../errors.js';
import type { Certificate } from '../monitor/certificate.js';
import { wallUs } from '../system/wall-clock.js';
import { conversionOf, type Conversion, type ConversionWish } from './conversion.js';
import { settle, type DerivedFile } from './derived.js';
import type { Ffmpeg } from './ffmpeg.js';
import { segmentsOf } from './segments.js';
import { workFolder, type ConvertTask } from './tasks.js';
import { WorkerProcess } from './worker-process.js';

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** A conversion that was asked for. */
export interface Job {
  id: string;
  kind: Conversion['kind'];
  recording: string;
  conversion: Conversion;
  state: JobState;
  /** 0 to 1. */
  progress: number;
  /** The file that was made, in the recording. */
  output: string | null;
  /** Why it failed. */
  error: ProblemJson | null;
  createdWallUs: number;
}

/** What the jobs need of the recordings. */
export interface ConvertibleRecordings {
  /** Those that have ended, newest first. */
  ended(): Promise<string[]>;
  /** Throws `not-found`, or `recording-running` while it is not final. */
  final(name: string): Promise<{ certificate: Certificate; folder: string }>;
  /** Names them in the certificate. */
  addDerived(name: string, files: DerivedFile[]): Promise<void>;
}

export interface JobsOptions {
  recordings: ConvertibleRecordings;
  /** Resolves once conversions may begin; null: there is no ffmpeg. */
  ffmpeg: () => Promise<Ffmpeg | null>;
  /** What is kept free of the disk while something is converted. */
  keepFree: () => ConvertTask['keepFree'];
  /** A job has another state. */
  onChange: (job: Job) => void;
}

/** Finished ones, remembered for those who ask what became of them. */
const mostFinished = 200;
const mostQueued = 10_000;

interface Running {
  job: Job;
  worker: WorkerProcess | null;
  cancelled: boolean;
  done: Promise<void>;
}

/**
 * Converts recordings one after the other. Jobs live in memory: after a restart there are none, and
 * what was unfinished is removed.
 */
export class Jobs {
  private readonly jobs = new Map<string, Job>();
  private running: Running | null = null;
  private stopped = false;

  constructor(private readonly options: JobsOptions) {}

  /** In the order in which they were asked for. */
  list(): Job[] {
    return [...this.jobs.values()];
  }

  /** Throws `not-found`. */
  get(id: string): Job {
    const job = this.jobs.get(id);
    if (job === undefined) throw new Problem('not-found', 'There is no such job.');
    return job;
  }

  /** The job, or the one that waits or runs for the same already. */
  async add(recording: string, wish: ConversionWish): Promise<Job> {
    const { certificate } = await this.options.recordings.final(recording);
    const conversion = conversionOf(wish, rateOf(certificate));
    const same = this.list().find(
      (job) => isOpen(job) && job.recording === recording && equal(job.conversion, conversion),
    );
    return same ?? this.queue(recording, conversion);
  }

  /** A job for each of these, or for each that has ended, unless it is converted so already. */
  async addMany(names: readonly string[] | null, wish: ConversionWish): Promise<Job[]> {
    const { recordings } = this.options;
    const jobs: Job[] = [];
    for (const name of names ?? (await recordings.ended())) {
      const { certificate } = await recordings.final(name);
      const conversion = conversionOf(wish, rateOf(certificate));
      const has = certificate.derived?.some((file) => equal(file.conversion, conversion));
      if (has !== true) jobs.push(await this.add(name, wish));
    }
    return jobs;
  }

  /** Ends a job that waits or runs; forgets one that has ended. Resolves once nothing of it runs. */
  async remove(id: string): Promise<void> {
    const job = this.get(id);
    if (isOpen(job)) await this.cancel(job);
    else this.jobs.delete(id);
  }

  /** Whether something of this recording waits or is converted. */
  hasOpen(recording: string): boolean {
    return this.list().some((job) => isOpen(job) && job.recording === recording);
  }

  /** Before a recording is removed. */
  async cancelOf(recording: string): Promise<void> {
    const open = this.list().filter((job) => isOpen(job) && job.recording === recording);
    await Promise.all(open.map((job) => this.cancel(job)));
  }

  /** Ends all; nothing is taken on any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(
      this.list()
        .filter(isOpen)
        .map((job) => this.cancel(job)),
    );
  }

  private queue(recording: string, conversion: Conversion): Job {
    if (this.list().filter(isOpen).length >= mostQueued) {
      throw new Problem('too-many-requests', 'Wait until some of the conversions are done.');
    }
    const job: Job = {
      id: randomUUID(),
      kind: conversion.kind,
      recording,
      conversion,
      state: 'queued',
      progress: 0,
      output: null,
      error: null,
      createdWallUs: wallUs(),
    };
    this.jobs.set(job.id, job);
    this.options.onChange(job);
    this.startNext();
    return job;
  }

  private async cancel(job: Job): Promise<void> {
    if (this.running?.job !== job) {
      this.change(job, { state: 'cancelled' });
      return;
    }
    const { running } = this;
    running.cancelled = true;
    await running.worker?.kill();
    // A worker that a dead disk holds does not end; nobody waits for it.
    if (running.worker?.isGone !== false) await running.done;
  }

  private startNext(): void {
    const job = this.list().find(({ state }) => state === 'queued');
    if (this.running !== null || this.stopped || job === undefined) return;
    const running: Running = { job, worker: null, cancelled: false, done: Promise.resolve() };
    this.running = running;
    running.done = this.run(running).finally(() => {
      this.running = null;
      this.forgetOldest();
      this.startNext();
    });
  }

  /** Never rejects. */
  private async run(running: Running): Promise<void> {
    const { job } = running;
    this.change(job, { state: 'running' });
    try {
      const output = await this.convert(running);
      this.change(job, { state: 'done', progress: 1, output });
    } catch (error) {
      if (running.cancelled) this.change(job, { state: 'cancelled' });
      else this.change(job, { state: 'failed', error: toProblem(error).toJSON() });
    }
  }

  private async convert(running: Running): Promise<string> {
    const { recordings, keepFree } = this.options;
    const { job } = running;
    const { conversion, recording } = job;
    const ffmpeg = await this.requireFfmpeg(conversion);
    const { certificate, folder } = await recordings.final(recording);
    const work = join(folder, workFolder);
    await rm(work, { recursive: true, force: true });
    try {
      running.worker = await WorkerProcess.start(
        {
          type: 'convert',
          ffmpeg,
          folder,
          segments: segmentsOf(certificate),
          conversion,
          keepFree: keepFree(),
        },
        (progress) => (job.progress = progress),
      );
      if (running.cancelled) await running.worker.kill();
      const made = await running.worker.result;
      if (running.cancelled) throw new Problem('conversion-failed', 'It was cancelled.');
      const files = await settle(folder, recording, made, conversion);
      await recordings.addDerived(recording, files);
      return files[0]?.path ?? '';
    } finally {
      await rm(work, { recursive: true, force: true }).catch(() => undefined); // next time
    }
  }

  private async requireFfmpeg({ kind }: Conversion): Promise<string> {
    const ffmpeg = await this.options.ffmpeg();
    if (ffmpeg === null) {
      throw new Problem('converter-missing', 'Install it with "sudo apt install ffmpeg".');
    }
    if (kind !== 'mp4' && !ffmpeg.encodes) {
      throw new Problem('converter-missing', `${ffmpeg.program} cannot encode: it lacks libx264.`);
    }
    return ffmpeg.program;
  }

  private change(job: Job, change: Partial<Job>): void {
    Object.assign(job, change);
    this.options.onChange(job);
  }

  private forgetOldest(): void {
    const finished = this.list().filter((job) => !isOpen(job));
    for (const { id } of finished.slice(0, -mostFinished)) this.jobs.delete(id);
  }
}

function isOpen({ state }: Job): boolean {
  return state === 'queued' || state === 'running';
}

function equal(a: Conversion, b: Conversion): boolean {
  return JSON.stringify(a) === JSON.stringify(b); // each is made in one place, in one order
}

/** Frames a second, as configured; where a repair had to make the certificate, as they came. */
function rateOf({ settings, intervals }: Certificate): number {
  if (settings !== null) return settings.camera.fps;
  const medianUs = intervals?.medianUs ?? 0;
  return medianUs > 0 ? Math.round(1e8 / medianUs) / 100 : 30;
}
