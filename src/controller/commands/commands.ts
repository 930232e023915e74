import { randomUUID } from 'node:crypto';
import { Problem, toProblem } from '../../errors.js';
import type { Fleet } from '../fleet.js';
import type { Member } from '../member.js';
import type { Targets } from '../shapes.js';
import { checkArgs, commandKinds, type CommandName } from './kinds.js';
import type { Command, Outcome } from './outcome.js';
import { outcomeOf, reliableCall } from './reliable-call.js';

export interface CommandWish {
  /** Of the caller's choosing: the same id again is the same command, not another. */
  id?: string;
  targets: Targets;
  command: CommandName;
  args?: Record<string, unknown>;
}

const kept = 100;

/** Commands to many monitors, and what came of them at each. Kept while the program runs. */
export class Commands {
  private readonly known = new Map<string, Command>();

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
    const members = this.fleet.targets(targets);
    const command: Command = {
      id,
      command: name,
      args: checked,
      startedWallUs: Math.round(this.wallUs()),
      state: 'running',
      monitors: members.map(pendingOutcome),
    };
    this.remember(command);
    void this.carryOut(command, members);
    return command;
  }

  private async carryOut(command: Command, members: Member[]): Promise<void> {
    await Promise.all(
      members.map(async (member, i) => {
        const outcome = command.monitors[i];
        if (outcome !== undefined) Object.assign(outcome, await this.carryOutAt(member, command));
        member.link.refresh();
      }),
    );
    command.state = 'ended';
    this.onEnded(command);
  }

  private async carryOutAt(member: Member, command: Command): Promise<Partial<Outcome>> {
    const roundTripMs = ((member.link.clock?.uncertaintyUs ?? 0) * 2) / 1000;
    const { wallUs } = this;
    const calls = commandKinds[command.command].calls(command.args, { wallUs, roundTripMs });
    try {
      if (member.conflict && member.refusal !== null) throw member.refusal;
      for (const [i, call] of calls.entries())
        await reliableCall(member, call, `${command.id}-${i}`);
      return { state: 'done' };
    } catch (error) {
      return outcomeOf(toProblem(error));
    }
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
