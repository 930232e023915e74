import { randomUUID } from 'node:crypto';
import { Problem, toProblem } from '../../errors.js';
import type { Fleet } from '../fleet.js';
import type { Member } from '../member.js';
import type { Targets } from '../shapes.js';
import { checkArgs, commandKinds, type CommandKind, type CommandName } from './kinds.js';
import type { Command, Outcome } from './outcome.js';
import { outcomeOf, reliableCall } from './reliable-call.js';

export interface CommandWish {
  /** Of the caller's choosing: the same id again is the same command, not another. */
  id?: string;
  targets: Targets;
  command: CommandName;
  args?: Record<string, unknown>;
}

/** How far a command has come at a monitor. */
interface Progress {
  /** Those of its calls that were done, by their place. */
  readonly done: Set<number>;
  /** What was refused is asked for anew: an old key would bring the old answer. */
  refusals: number;
}

const kept = 100;
/** For so long a monitor knows a call that it was sent before, and does not do it twice. */
const rememberedUs = 10 * 60e6;

/** Commands to many monitors, and what came of them at each. Kept while the program runs. */
export class Commands {
  private readonly known = new Map<string, Command>();
  private readonly progress = new WeakMap<Outcome, Progress>();

  constructor(
    private readonly fleet: Fleet,
    private readonly wallUs: () => number,
    private readonly onEnded: (command: Command) => void,
  ) {}

  /** Newest first. */
  list(): Command[] {
    return [...this.known.values()].reverse();
  }

  get(id: string): Command {
    const command = this.known.get(id);
    if (command === undefined) throw new Problem('not-found', `There is no command ${id}.`);
    return command;
  }

  /** Returns at once, with every monitor pending. Throws where targets or arguments are wrong. */
  give({ id = randomUUID(), targets, command: name, args = {} }: CommandWish): Command {
    const before = this.known.get(id);
    if (before !== undefined) return before;
    const checked = checkArgs(name, args);
    const command: Command = {
      id,
      command: name,
      args: checked,
      startedWallUs: Math.round(this.wallUs()),
      state: 'running',
      again: commandKinds[name].again,
      monitors: this.fleet.targets(targets).map(pendingOutcome),
    };
    this.remember(command);
    void this.carryOut(command);
    return command;
  }

  /** Tries again where it was refused or no answer came. Throws where that could do it twice. */
  retry(id: string): Command {
    const command = this.get(id);
    if (command.state === 'running') return command;
    const tooLate = this.wallUs() - command.startedWallUs > rememberedUs;
    if (command.again === 'never' || (command.again === 'while-remembered' && tooLate)) {
      const detail = `It might be done twice: give the command ${command.command} anew.`;
      throw new Problem('method-not-allowed', detail);
    }
    for (const outcome of command.monitors) {
      if (outcome.state === 'done') continue;
      Object.assign(outcome, { state: 'pending', code: null, detail: null });
    }
    command.state = 'running';
    void this.carryOut(command);
    return command;
  }

  private async carryOut(command: Command): Promise<void> {
    await Promise.all(
      command.monitors.map(async (outcome) => {
        if (outcome.state !== 'pending') return;
        try {
          const member = this.fleet.get(outcome.id);
          Object.assign(outcome, await this.carryOutAt(member, command, outcome));
          member.link.refresh();
        } catch (error) {
          Object.assign(outcome, outcomeOf(toProblem(error)));
        }
      }),
    );
    command.state = 'ended';
    this.onEnded(command);
  }

  private async carryOutAt(
    member: Member,
    { id, command: name, args }: Command,
    outcome: Outcome,
  ): Promise<Partial<Outcome>> {
    if (member.conflict && member.refusal !== null) throw member.refusal;
    const roundTripMs = ((member.link.clock?.uncertaintyUs ?? 0) * 2) / 1000;
    const kind: CommandKind = commandKinds[name];
    const calls = kind.calls(args, { wallUs: this.wallUs, roundTripMs, monitor: member.id });
    const progress = this.progress.get(outcome) ?? { done: new Set<number>(), refusals: 0 };
    this.progress.set(outcome, progress);
    const round = progress.refusals === 0 ? '' : `-${progress.refusals}`;
    let failure: Problem | null = null;
    for (const [i, call] of calls.entries()) {
      if (progress.done.has(i)) continue;
      try {
        await reliableCall(member, call, `${id}-${i}${round}`);
        progress.done.add(i);
      } catch (error) {
        failure ??= toProblem(error);
        if (kind.independent !== true || toProblem(error).code === 'unreachable') break;
      }
    }
    if (failure === null) return { state: 'done' };
    if (failure.code !== 'unreachable') progress.refusals++;
    const sofar = calls.length > 1 ? `${progress.done.size} of ${calls.length} done. ` : '';
    return outcomeOf(new Problem(failure.code, `${sofar}${failure.detail}`));
  }

  private remember(command: Command): void {
    this.known.set(command.id, command);
    for (const [id, { state }] of this.known) {
      if (this.known.size <= kept) return;
      if (state === 'ended') this.known.delete(id);
    }
  }
}

function pendingOutcome({ id, name }: Member): Outcome {
  return { id, name, state: 'pending', code: null, detail: null };
}
