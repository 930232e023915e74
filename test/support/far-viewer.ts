import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Times are CLOCK_MONOTONIC in ms, as a frame's sensor has it. */
export interface FarFrame {
  madeMs: number;
  /** Its last byte. */
  arrivedMs: number;
  bytes: number;
}

interface Stall {
  fromMs: number;
  toMs: number;
}

export interface FarNews {
  frame?: FarFrame;
  stalled?: Stall;
  closed?: number;
}

/** A viewer on a machine of a LabNetwork, behind a proxy there that delays and stalls what comes. */
export class FarViewer {
  readonly frames: FarFrame[] = [];
  stalled: Stall | null = null;
  closed: number | null = null;
  private readonly child: ChildProcess;

  /** `path` of the preview socket on the server at this address. */
  constructor(machine: string, host: string, port: number, path: string) {
    const program = fileURLToPath(new URL('./far-viewer-program.js', import.meta.url));
    const node = [process.execPath, program, host, String(port), path];
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.child = spawn('ip', ['netns', 'exec', machine, ...node], {
      env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child.on('message', ({ frame, stalled, closed }: FarNews) => {
      if (frame !== undefined) this.frames.push(frame);
      if (stalled !== undefined) this.stalled = stalled;
      if (closed !== undefined) this.closed = closed;
    });
  }

  /** Nothing arrives for so long; `stalled` tells when that was. */
  stall(ms: number): void {
    this.child.send(ms);
  }

  /** Frames that were not on their way during the stall. */
  get undisturbed(): FarFrame[] {
    const { fromMs, toMs } = this.stalled ?? { fromMs: Infinity, toMs: Infinity };
    return this.frames.filter(({ madeMs, arrivedMs }) => arrivedMs < fromMs || madeMs > toMs);
  }

  close(): void {
    this.child.kill();
  }
}

export function agesOf(frames: readonly FarFrame[]): number[] {
  return frames.map(({ madeMs, arrivedMs }) => arrivedMs - madeMs);
}
