import { findFfmpeg, type Ffmpeg } from './ffmpeg.js';
import { Jobs, type JobsOptions } from './jobs.js';
import { Thumbnails } from './thumbnails.js';

/** What is made from recordings: conversions and small pictures, by processes of their own. */
export class Media {
  readonly jobs: Jobs;
  readonly thumbnails: Thumbnails;
  /** Null: there is none, or it is not known yet. */
  ffmpeg: Ffmpeg | null = null;
  private ready: Promise<Ffmpeg | null> = Promise.resolve(null);

  /** `removeUnfinished`: what conversions have left that a crash ended; it never rejects. */
  constructor(
    options: Omit<JobsOptions, 'ffmpeg'>,
    private readonly removeUnfinished: () => Promise<void>,
  ) {
    const ffmpeg = (): Promise<Ffmpeg | null> => this.ready;
    this.jobs = new Jobs({ ...options, ffmpeg });
    this.thumbnails = new Thumbnails(ffmpeg);
  }

  /** Returns at once: what is asked for meanwhile waits. */
  start(): void {
    this.ready = this.prepare();
  }

  private async prepare(): Promise<Ffmpeg | null> {
    await this.removeUnfinished();
    this.ffmpeg = await findFfmpeg();
    return this.ffmpeg;
  }

  async stop(): Promise<void> {
    await this.jobs.stop();
  }
}
