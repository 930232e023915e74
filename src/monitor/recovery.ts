import type { Config } from '../config/schema.js';
import type { Addon } from '../native.js';
import type { Certificate } from './certificate.js';
import type { Notices } from './notices.js';
import type { Recorder } from './recorder.js';
import type { Recordings } from './recordings.js';
import { Repairs } from './repairs.js';
import { Resumption } from './resumption.js';
import type { Starter } from './starter.js';

export interface RecoveryParts {
  addon: Addon;
  recordings: Recordings;
  recorder: Recorder;
  starter: Starter;
  notices: Notices;
  settings: () => Config;
  bootId: () => string | null;
  /** Runs a task when no other touches the camera. */
  exclusively: <T>(task: () => Promise<T>) => Promise<T>;
}

/** After a crash, a power cut or a restart: mends what was recorded, and lets it go on. */
export class Recovery {
  readonly resumption: Resumption;
  private readonly repairs: Repairs;

  constructor({ addon, recordings, recorder, starter, notices, ...parts }: RecoveryParts) {
    const running = (): string | null => recorder.running?.name ?? null;
    this.resumption = new Resumption({
      wanted: () => parts.settings().recording.resume,
      now: () => {
        const { wallUs, monotonicNs: sensorNs } = addon.clockState();
        return { wallUs, sensorNs };
      },
      bootId: parts.bootId,
      isRecording: () => recorder.running !== null,
      newest: async (name) => {
        await recordings.prepare(); // throws where it is the disk that has gone
        return recordings.read(name);
      },
      resume: (certificate) => parts.exclusively(() => starter.resume(certificate)),
      giveUp: (name) => recordings.amend(name, (certificate) => ({ ...certificate, plan: null })),
      onTrouble: (problem) => notices.error(problem),
    });
    this.repairs = new Repairs(
      () => ({ addon, recordings, bootId: parts.bootId() }),
      {
        onRepairing: (name) => notices.repairing(name),
        onRepaired: (certificate) => notices.repaired(certificate),
        onLeftAlone: (name) => notices.leftAlone(name),
        onTrouble: (problem) => notices.error(problem),
        onHash: (recording, file, sha256) => recorder.hashed({ recording, file, sha256 }),
        onBrokenOff: (certificate) => this.resumption.offer(certificate),
      },
      running,
    );
  }

  /** The recording that is to go on as soon as it can. */
  get pending(): Certificate | null {
    return this.resumption.pending;
  }

  /** Resolves once it is known whether a recording goes on. */
  get decided(): Promise<void> {
    return this.repairs.decided;
  }

  isBeingRepaired(name: string): boolean {
    return this.repairs.isBeingRepaired(name);
  }

  /** Begins; what it does is told as it comes. */
  start(): void {
    void this.repairs.run();
  }

  async stop(): Promise<void> {
    await this.repairs.stop();
  }
}
