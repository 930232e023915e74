import { Problem, toProblem } from '../errors.js';
import type { NativeStatus } from '../native.js';
import type { Camera } from './camera.js';
import type { GapReason } from './gaps.js';
import { Supervision, type Remedy } from './supervision.js';

export interface KeeperListener {
  onTrouble: (problem: Problem) => void;
  /** Nothing has helped: what is recorded must be finished before the camera is let go. */
  onGiveUp: () => Promise<void>;
}

/** Brings a camera that has gone silent back, without ending the recording. */
export class CameraKeeper {
  /** What was done last. */
  reason: GapReason = 'camera-restarted';
  private readonly supervision = new Supervision();
  private busy = false;

  constructor(
    private readonly camera: Camera,
    private readonly listener: KeeperListener,
    /** Runs a task when no other touches the camera. */
    private readonly exclusively: (task: () => Promise<void>) => Promise<void>,
  ) {}

  /** To be called every second or so. */
  look(native: NativeStatus | null, nowMs: number): void {
    if (this.busy) return;
    const runs = this.camera.state === 'running' ? (native?.camera ?? null) : null;
    const captured = runs === null ? null : (native?.frames.captured ?? null);
    const remedy = this.supervision.look(captured, runs?.fps ?? 1, nowMs);
    if (remedy !== null) void this.apply(remedy, sentences[remedy]);
  }

  /** The camera has failed under a recording, and said why. */
  failed(why: string, nowMs: number): void {
    if (this.busy) return; // if what is tried now does not help, no frames come
    const remedy = this.supervision.failed(nowMs);
    if (remedy !== null) void this.apply(remedy, `${why} ${actions[remedy]}`);
  }

  private async apply(remedy: Remedy, told: string): Promise<void> {
    this.busy = true;
    this.listener.onTrouble(new Problem('camera-lost', told));
    try {
      await this.exclusively(() => this.carryOut(remedy));
    } catch (error) {
      this.listener.onTrouble(toProblem(error)); // the next remedy follows
    }
    this.supervision.remedied(performance.now());
    this.busy = false;
  }

  private async carryOut(remedy: Remedy): Promise<void> {
    if (this.camera.state !== 'running') return;
    if (remedy === 'give-up') {
      await this.listener.onGiveUp();
      await this.camera.giveUp(new Problem('camera-lost', sentences['give-up']));
      return;
    }
    this.reason = remedy === 'restart' ? 'camera-restarted' : 'camera-reopened';
    await this.camera.restart(remedy === 'reopen');
  }
}

const actions: Record<Remedy, string> = {
  restart: 'It is started again.',
  reopen: 'It is opened anew.',
  'give-up': 'Opening it anew has not helped.',
};

const sentences: Record<Remedy, string> = {
  restart: 'The camera gives no frames: it is started again.',
  reopen: 'The camera still gives no frames: it is opened anew.',
  'give-up': 'The camera gives no frames, and neither a restart nor opening it anew has helped.',
};
