import { toProblem, type Problem } from '../errors.js';
import type { Running } from './active-recording.js';
import type { Certificate, Instant } from './certificate.js';
import { carriedOver, remainingMs } from './plan.js';

export interface ResumptionParts {
  /** As configured: whether recordings go on. */
  wanted: () => boolean;
  now: () => Instant;
  bootId: () => string | null;
  /** Whether a recording runs, so that none can go on. */
  isRecording: () => boolean;
  /** The certificate as it is now; null where the recording was removed meanwhile. */
  newest: (name: string) => Promise<Certificate | null>;
  resume: (certificate: Certificate) => Promise<Running>;
  /** Puts on record that a recording does not go on. */
  giveUp: (name: string) => Promise<void>;
  onTrouble: (problem: Problem) => void;
}

/**
 * Lets a recording go on that was broken off, as soon as there is a camera for it. It is given up
 * where its time is over, where somebody records something else, where it is refused for good, or
 * where it was removed.
 */
export class Resumption {
  private waiting: Certificate | null = null;
  private busy = false;
  private told: string | null = null;

  constructor(private readonly parts: ResumptionParts) {}

  /** The recording that is to go on. */
  get pending(): Certificate | null {
    return this.waiting;
  }

  async offer(certificate: Certificate): Promise<void> {
    this.waiting = certificate;
    await this.look();
  }

  /** To be called every second or so. */
  async look(): Promise<void> {
    const { waiting } = this;
    if (waiting === null || this.busy) return;
    this.busy = true;
    try {
      if (!this.isDue(waiting)) await this.forget(waiting);
      else {
        // It may have got hashes, a conversion or its removal while it waited.
        const certificate = await this.parts.newest(waiting.name);
        if (certificate !== null) await this.parts.resume(certificate);
        this.waiting = null;
      }
    } catch (error) {
      await this.failed(waiting, toProblem(error));
    } finally {
      this.busy = false;
    }
  }

  private isDue(certificate: Certificate): boolean {
    const { wanted, now, bootId, isRecording } = this.parts;
    if (!wanted() || isRecording()) return false;
    const instant = now();
    return remainingMs(carriedOver(certificate, instant, bootId()), instant) > 0;
  }

  private async failed(certificate: Certificate, problem: Problem): Promise<void> {
    if (problem.message !== this.told) this.parts.onTrouble(problem);
    this.told = problem.message;
    if (problem.policy === 'stop') await this.forget(certificate);
  }

  private async forget({ name }: Certificate): Promise<void> {
    this.waiting = null;
    await this.parts.giveUp(name).catch((error: unknown) => this.parts.onTrouble(toProblem(error)));
  }
}
