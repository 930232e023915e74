import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDuration } from '../config/duration.js';
import { Problem } from '../errors.js';
import type { ActiveFault, FaultWish } from './faults.js';
import type { Order, Ready, Task } from './messages.js';

/** Compiled, this file is build/src/rehearsal/rehearsal.js. */
const program = fileURLToPath(new URL('program.js', import.meta.url));

/** Frames a second of all together: what one core of a lab's computer draws beside other work. */
const framesOfAll = 200;
const fpsRange = { least: 2, most: 10 };

interface Playing {
  fault: ActiveFault;
  timer: NodeJS.Timeout | null;
}

/**
 * A fleet of simulated monitors in a process of its own, and what befalls them. All they keep is in a
 * temporary folder that goes with them. A monitor has one fault at a time: a new one ends the one before.
 */
export class Rehearsal {
  private readonly playing = new Map<string, Playing>();

  private constructor(
    private readonly child: ChildProcess,
    readonly names: readonly string[],
    /** In the order of the names. */
    readonly addresses: readonly string[],
    /** Temporary; `controller` in it is free for a controller. */
    readonly folder: string,
  ) {}

  /** Resolves once all of them serve. Throws where they do not come up. */
  static async start(count: number): Promise<Rehearsal> {
    const digits = String(count).length;
    const names = Array.from(
      { length: count },
      (_, i) => `cage${String(i + 1).padStart(Math.max(2, digits), '0')}`,
    );
    const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-rehearsal-'));
    const { least, most } = fpsRange;
    const fps = Math.min(most, Math.max(least, Math.floor(framesOfAll / count)));
    const task: Task = { names, folder, fps };
    const child = fork(program, [JSON.stringify(task)]);
    const ended = once(child, 'exit').then(() => {
      throw new Problem('internal', 'The simulated monitors did not start: see what they said.');
    });
    const [ready] = (await Promise.race([once(child, 'message'), ended])) as [Ready];
    ended.catch(() => undefined); // an end after this is what stop() is for
    return new Rehearsal(child, names, ready.addresses, folder);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get faults(): ActiveFault[] {
    return [...this.playing.values()].map(({ fault }) => fault);
  }

  /** Throws `not-found` or `invalid-value`. */
  play({ monitor, fault, for: time }: FaultWish): ActiveFault {
    this.demand(monitor);
    if (fault === 'same-id' && monitor === this.names[0]) {
      throw new Problem(
        'invalid-value',
        `${monitor} is whom the others are copied from.`,
        'monitor',
      );
    }
    const ms = parseDuration(time) ?? 0;
    const lasting = Number.isFinite(ms);
    this.forget(monitor);
    const untilWallUs = lasting ? Math.round((Date.now() + ms) * 1000) : null;
    const active = { monitor, fault, untilWallUs };
    const timer = lasting ? setTimeout(() => this.end(monitor), ms) : null;
    this.playing.set(monitor, { fault: active, timer });
    this.order({ begin: { monitor, fault } });
    return active;
  }

  /** Throws `not-found`. */
  end(monitor: string): void {
    this.demand(monitor);
    this.forget(monitor);
    this.order({ end: { monitor } });
  }

  async stop(): Promise<void> {
    for (const name of this.names) this.forget(name);
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    if (this.child.connected) this.child.disconnect();
    await ended;
  }

  private demand(monitor: string): void {
    if (this.names.includes(monitor)) return;
    throw new Problem('not-found', `There is no simulated monitor ${monitor}.`, 'monitor');
  }

  private forget(monitor: string): void {
    const { timer = null } = this.playing.get(monitor) ?? {};
    if (timer !== null) clearTimeout(timer);
    this.playing.delete(monitor);
  }

  private order(order: Order): void {
    if (this.child.connected) this.child.send(order);
  }
}
