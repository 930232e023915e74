import { randomUUID } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDuration } from '../../config/duration.js';
import { Problem, toProblem } from '../../errors.js';
import { readJson, writeJson } from '../../system/json-file.js';
import { Serial } from '../../system/serial.js';
import type { Fleet } from '../fleet.js';
import type { Member } from '../member.js';
import type { ControllerSettings } from '../settings.js';
import { preflight } from './preflight.js';
import type { Preflight, Run, RunMonitor, RunWish } from './shapes.js';
import { armAll, awaitFirstFrames, noteReport, type Start } from './start-together.js';

export interface RunsParts {
  fleet: Fleet;
  limits: ControllerSettings['limits'];
  folder: string;
  wallUs: () => number;
  onChange: (run: Run) => void;
  onTrouble: (error: unknown) => void;
}

const defaultLeadMs = 5000;
const lookEveryMs = 2000;
const unfinished: readonly Run['state'][] = ['preflight', 'arming', 'armed'];
/** More are found by their id. */
const listed = 50;

/** Recordings of many monitors that begin together. Their reports are kept. */
export class Runs {
  private readonly known = new Map<string, Run>();
  /** By an end of the controller, of those read. */
  private readonly interrupted: Run[] = [];
  private readonly saves = new Serial();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly parts: RunsParts) {}

  /** Reads those of earlier; it changes nothing. */
  async load(): Promise<void> {
    await mkdir(this.parts.folder, { recursive: true });
    const files = (await readdir(this.parts.folder)).filter((name) => name.endsWith('.json'));
    const found = await Promise.all(
      files.map((name) => readJson(join(this.parts.folder, name)).catch(() => null)),
    );
    const runs = found.filter((one) => one !== null) as Run[];
    for (const run of runs.sort((a, b) => (a.startAtWallUs ?? 0) - (b.startAtWallUs ?? 0))) {
      this.known.set(run.id, run);
      if (unfinished.includes(run.state)) this.interrupted.push(run);
    }
  }

  async start(): Promise<void> {
    for (const run of this.interrupted.splice(0))
      await this.fail(run, 'The controller was restarted; what was armed begins all the same.');
    this.timer = setInterval(() => this.look(), lookEveryMs);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** The last ones, newest first. */
  list(): Run[] {
    return [...this.known.values()].slice(-listed).reverse();
  }

  get(id: string): Run {
    const run = this.known.get(id);
    if (run === undefined) throw new Problem('not-found', `There is no run ${id}.`);
    return run;
  }

  preflight(wish: Pick<RunWish, 'targets' | 'duration'>): Promise<Preflight[]> {
    return this.check(this.parts.fleet.targets(wish.targets), wish.duration);
  }

  /** Returns at once; `get` tells how it goes on. Throws where the targets are wrong. */
  begin(wish: RunWish): Run {
    const members = this.parts.fleet.targets(wish.targets);
    const run: Run = {
      id: randomUUID(),
      state: 'preflight',
      detail: null,
      startAtWallUs: null,
      spreadUs: null,
      uncertaintyUs: null,
      monitors: members.map(newPart),
    };
    this.known.set(run.id, run);
    this.carryOut(run, wish, members).catch((error: unknown) => {
      this.parts.onTrouble(error);
      run.state = 'failed';
      run.detail = toProblem(error).detail;
    });
    return run;
  }

  private check(members: readonly Member[], duration: RunWish['duration']): Promise<Preflight[]> {
    const durationMs = duration === undefined ? Infinity : (parseDuration(duration) ?? Infinity);
    return preflight(members, durationMs, this.parts.limits);
  }

  private async carryOut(run: Run, wish: RunWish, all: readonly Member[]): Promise<void> {
    for (const [i, { ready, checks }] of (await this.check(all, wish.duration)).entries()) {
      const part = run.monitors[i];
      if (ready || part === undefined) continue;
      part.state = 'refused';
      part.reason = checks.find(({ ok }) => !ok)?.detail ?? null;
    }
    const parts = run.monitors.filter(({ state }) => state === 'waiting');
    const members = all.filter((_, i) => run.monitors[i]?.state === 'waiting');
    if (parts.length > 0 && (wish.without === true || parts.length === all.length))
      await this.startTogether({ run, wish, members, parts, wallUs: this.parts.wallUs });
    else await this.fail(run, 'Not all are ready.');
  }

  /** The report of the run in which a monitor made a recording, or null. */
  reportOf(monitor: string, recording: string): Run | null {
    const isIts = (one: RunMonitor): boolean => one.id === monitor && one.recording === recording;
    const newestFirst = [...this.known.values()].reverse();
    return newestFirst.find(({ monitors }) => monitors.some(isIts)) ?? null;
  }

  private async startTogether(start: Start): Promise<void> {
    const { run, wish } = start;
    const leadMs = wish.lead === undefined ? defaultLeadMs : parseDuration(wish.lead);
    const startAtWallUs = Math.round(this.parts.wallUs() + (leadMs ?? defaultLeadMs) * 1000);
    run.startAtWallUs = startAtWallUs;
    await this.turn(run, 'arming');
    const failure = await armAll(start, startAtWallUs);
    if (failure !== null) {
      await this.fail(run, failure);
      return;
    }
    await this.turn(run, 'armed');
    await awaitFirstFrames(start, startAtWallUs);
    await this.turn(run, 'running');
    await noteReport(start);
  }

  private look(): void {
    for (const run of this.known.values()) if (run.state === 'running') this.lookAt(run);
  }

  /** A monitor has done its part when it records something else, or nothing. */
  private lookAt(run: Run): void {
    let changed = false;
    for (const part of run.monitors) {
      if (part.state !== 'running') continue;
      const member = this.memberOf(part);
      if (member === null || !member.reachable) continue;
      if (member.status?.recording?.name === part.recording) continue;
      part.state = 'done';
      changed = true;
    }
    if (run.monitors.some(({ state }) => state === 'running')) {
      if (changed) this.save(run).catch(this.parts.onTrouble);
    } else this.turn(run, 'done').catch(this.parts.onTrouble);
  }

  private memberOf({ id }: RunMonitor): Member | null {
    return this.parts.fleet.isKnown(id) ? this.parts.fleet.get(id) : null;
  }

  private async fail(run: Run, detail: string): Promise<void> {
    run.detail = detail;
    await this.turn(run, 'failed');
  }

  private async turn(run: Run, state: Run['state']): Promise<void> {
    run.state = state;
    this.parts.onChange(run);
    await this.save(run);
  }

  private save(run: Run): Promise<void> {
    return this.saves.run(() => writeJson(join(this.parts.folder, `${run.id}.json`), run));
  }
}

function newPart({ id, name }: Member): RunMonitor {
  return {
    id,
    name,
    state: 'waiting',
    reason: null,
    firstFrameWallUs: null,
    offsetUs: null,
    uncertaintyUs: null,
    recording: null,
  };
}
