import { toProblem, type Problem } from '../errors.js';
import type { Certificate } from './certificate.js';
import { completeHashes, failedRepair, isUnfinished, repairRecording } from './repair.js';
import type { RepairTools } from './repair.js';

export interface RepairsListener {
  onRepairing: (name: string) => void;
  onRepaired: (certificate: Certificate) => void;
  onTrouble: (problem: Problem) => void;
  /** Another process records it. */
  onLeftAlone: (name: string) => void;
  onHash: (name: string, file: string, sha256: string) => Promise<void>;
  /** The recording that should still be running, with its files whole. */
  onBrokenOff: (certificate: Certificate) => Promise<void>;
}

/** A disk that was full may have room by then. */
const retryMs = 60_000;

/**
 * What earlier processes left unfinished is mended while the server runs: the recording that is to
 * go on first, then the others, then hashes that are missing. What is recorded now is not touched.
 */
export class Repairs {
  private readonly waiting = new Set<string>();
  private stopped = false;
  private resolveStopped!: (nothing: null) => void;
  private readonly onceStopped = new Promise<null>((resolve) => (this.resolveStopped = resolve));
  private retryTimer: NodeJS.Timeout | null = null;
  private work = Promise.resolve();
  private resolveDecided!: () => void;
  /** Resolves once it is known whether a recording goes on. */
  readonly decided = new Promise<void>((resolve) => (this.resolveDecided = resolve));

  constructor(
    private readonly tools: () => RepairTools,
    private readonly listener: RepairsListener,
    /** The name of what this process records. */
    private readonly running: () => string | null,
  ) {}

  isBeingRepaired(name: string): boolean {
    return this.waiting.has(name);
  }

  /** Looks for work and does it; resolves when it is done, and never rejects. */
  async run(): Promise<void> {
    this.work = this.repairAll().catch((error: unknown) => {
      this.listener.onTrouble(toProblem(error));
    });
    await this.work;
    this.resolveDecided(); // also where it has failed
  }

  /** Resolves when the repair in work is done; a hash that is being made is given up. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.resolveStopped(null);
    this.tools().addon.cancelHashes(); // a process does not end before its threads do
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    await this.work;
  }

  private async repairAll(): Promise<void> {
    const { recordings } = this.tools();
    const certificates = (await recordings.list()).filter(({ name }) => name !== this.running());
    const certified = new Set(certificates.map(({ name }) => name));
    const others = (await recordings.names()).filter((name) => !certified.has(name));
    const unfinished = certificates.filter(isUnfinished).map(({ name }) => name);
    for (const name of unfinished) this.waiting.add(name);
    try {
      await this.goOn(certificates.filter(({ plan }) => plan !== null));
      this.resolveDecided();
      for (const name of [...this.waiting, ...others]) await this.repair(name);
    } finally {
      this.waiting.clear();
    }
    await this.hashAll();
  }

  /** Newest first. Only the newest goes on: after an older one something else was recorded. */
  private async goOn([newest, ...older]: Certificate[]): Promise<void> {
    if (newest === undefined) return;
    const whole = isUnfinished(newest) ? await this.repair(newest.name) : newest;
    if (whole !== null && !this.stopped) await this.listener.onBrokenOff(whole);
    for (const one of older) {
      const final = isUnfinished(one) ? await this.repair(one.name) : one;
      if (final === null) continue;
      await this.tools().recordings.amend(final.name, (now) => ({ ...now, plan: null }));
    }
  }

  private async repair(name: string): Promise<Certificate | null> {
    if (this.stopped || name === this.running()) return null;
    this.listener.onRepairing(name);
    try {
      const certificate = await repairRecording(this.tools(), name);
      if (certificate !== null) this.listener.onRepaired(certificate);
      return certificate;
    } catch (error) {
      this.failed(name, toProblem(error));
      return null;
    } finally {
      this.waiting.delete(name);
    }
  }

  private failed(name: string, problem: Problem): void {
    if (problem.code === 'recording-running') {
      this.listener.onLeftAlone(name);
      return;
    }
    this.listener.onTrouble(failedRepair(name, problem));
    if (problem.policy === 'stop' || this.stopped) return;
    this.retryTimer ??= setTimeout(() => {
      this.retryTimer = null;
      void this.run();
    }, retryMs).unref();
  }

  private async hashAll(): Promise<void> {
    const { recordings } = this.tools();
    for (const certificate of await recordings.list()) {
      const { name } = certificate;
      if (this.stopped) return;
      // What could not be repaired may be another process's.
      if (isUnfinished(certificate) && name !== this.running()) continue;
      await completeHashes(
        this.tools(),
        certificate,
        (file, sha256) => this.listener.onHash(name, file, sha256),
        this.onceStopped,
      ).catch((error: unknown) => this.listener.onTrouble(toProblem(error)));
    }
  }
}
