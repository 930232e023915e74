import type { NativeDisk, NativeStatus } from '../native.js';
import { wallUs } from '../system/wall-clock.js';
import type { Camera } from './camera.js';
import type { CameraKeeper } from './camera-keeper.js';
import type { DiskGuard } from './disk-guard.js';
import type { FrameFlow } from './frame-flow.js';
import type { History } from './history.js';
import type { Notices } from './notices.js';
import type { Recorder } from './recorder.js';
import type { Recordings } from './recordings.js';
import type { Resumption } from './resumption.js';
import type { Vitals } from './vitals.js';

/** What is looked after. */
export interface Charges {
  camera: Camera;
  keeper: CameraKeeper;
  recorder: Recorder;
  recordings: Recordings;
  disk: DiskGuard;
  flow: FrameFlow;
  notices: Notices;
  resumption: Resumption;
  history: History;
  vitals: Vitals;
  viewers: () => number;
}

const everyMs = 1000;

/** Looks at everything once a second, and has done what is due. */
export class Heartbeat {
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly charges: Charges) {}

  start(): void {
    this.timer = setInterval(() => this.beat(), everyMs).unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  private beat(): void {
    const { camera, keeper, recorder, recordings, disk, flow, notices } = this.charges;
    const native = camera.status();
    flow.look(native?.frames.captured ?? null, performance.now());
    if (native !== null) recorder.noteEncoder(native.encoder);
    keeper.look(native, performance.now());
    const recording = native?.recording;
    if (recording != null && recording.lastSensorNs > recording.firstSensorNs) {
      disk.measure(recording.bytes, (recording.lastSensorNs - recording.firstSensorNs) / 1e9);
    }
    this.guardDisk(native?.disk ?? null);
    this.keepHistory(native);
    notices.viewers(this.charges.viewers());
    void recordings.saveUnsaved();
    void this.charges.resumption.look();
  }

  private keepHistory(native: NativeStatus | null): void {
    this.charges.history.look({
      wallUs: wallUs(),
      monotonicMs: performance.now(),
      frames: native && { captured: native.frames.captured, losses: native.losses },
      freeBytes: native?.disk?.present === true ? native.disk.freeBytes : null,
      temperatureC: this.charges.vitals.health.temperatureC,
    });
  }

  private guardDisk(disk: NativeDisk | null): void {
    const { disk: guard, recorder, notices } = this.charges;
    guard.look(disk);
    const { running } = recorder;
    if (running?.started == null || running.stopping) return;
    const forecast = guard.warning(disk);
    if (forecast !== null) notices.diskFillsUp(forecast);
    const stop = guard.reasonToStop(disk);
    if (stop === null) return;
    notices.diskStop(stop);
    recorder.stop(stop.reason).catch(() => undefined); // it has ended by itself meanwhile
  }
}
