import { asProblem, call } from '../api';
import { fleet, targets } from './fleet-store';
import type { Chosen } from './recording-choice';
import type { Command, CommandName, Preflight, Run, Transfer } from './types';

const lookEveryMs = 1000;
const lookIdleMs = 5000;

/** Runs and transfers as they go on, also those that others began. */
export function followWork(): void {
  const look = async (): Promise<void> => {
    try {
      const [runs, transfers] = await Promise.all([
        call<{ items: Run[] }>('GET', '/runs'),
        call<{ items: Transfer[] }>('GET', '/transfers'),
      ]);
      fleet.update({ runs: runs.items, transfers: transfers.items });
    } catch {
      // The socket tells that the controller does not answer.
    }
    setTimeout(() => void look(), isBusy() ? lookEveryMs : lookIdleMs);
  };
  void look();
}

function isBusy(): boolean {
  const { runs, transfers } = fleet.get();
  const begins = runs.some(({ state }) => !['running', 'done', 'failed'].includes(state));
  return begins || transfers.some(({ state }) => state === 'running');
}

/** Gives a command to the targets, and follows what comes of it. */
export async function giveCommand(
  command: CommandName,
  args: object = {},
  at: readonly string[] = targets(),
): Promise<void> {
  await attempt(async () => {
    // The same id again is the same command: a call whose answer was lost may be repeated.
    const id = crypto.getRandomValues(new Uint32Array(4)).join('-');
    await follow(await call<Command>('POST', '/commands', { id, targets: at, command, args }));
  });
}

/** Once more for those at which it was not done. */
export async function retryCommand(id: string): Promise<void> {
  await attempt(async () => follow(await call<Command>('POST', `/commands/${id}/retry`)));
}

async function follow(given: Command): Promise<void> {
  let command = given;
  fleet.update({ command });
  while (command.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 300));
    command = await call<Command>('GET', `/commands/${command.id}`);
    // Another one may have been given meanwhile: that is the one to show.
    if (fleet.get().command?.id !== command.id) return;
    fleet.update({ command });
  }
}

export interface RunFields {
  name: string;
  duration: string;
}

export async function preflight(duration: string): Promise<Preflight[]> {
  const body = { targets: targets(), ...(duration !== '' && { duration }) };
  return (await call<{ items: Preflight[] }>('POST', '/preflight', body)).items;
}

export async function beginRun({ name, duration }: RunFields, without: boolean): Promise<void> {
  await attempt(async () => {
    const run = await call<Run>('POST', '/runs', {
      targets: targets(),
      without,
      ...(name !== '' && { name }),
      ...(duration !== '' && { duration }),
    });
    fleet.update({ runs: [run, ...fleet.get().runs] });
  });
}

export interface TransferFields {
  targets: string[];
  /** Without them: all that are new. */
  recordings?: Chosen;
  destination?: string;
}

export async function beginTransfer(body: TransferFields): Promise<void> {
  await attempt(async () => {
    const transfer = await call<Transfer>('POST', '/transfers', body);
    fleet.update({ transfers: [transfer, ...fleet.get().transfers] });
  });
}

/** Once more for the recordings that failed. */
export async function retryTransfer({ items, destination }: Transfer): Promise<void> {
  const recordings: Chosen = {};
  for (const { monitor, recording, state } of items) {
    if (state === 'failed' && recording !== null) (recordings[monitor] ??= []).push(recording);
  }
  await beginTransfer({
    targets: Object.keys(recordings),
    recordings,
    ...(destination !== null && { destination }),
  });
}

export async function stopTransfer(id: string): Promise<void> {
  await attempt(() => call('DELETE', `/transfers/${id}`));
}

/** Puts monitors into a group, or takes them out of it; their other groups stay. */
export async function changeGroup(ids: string[], group: string, member: boolean): Promise<void> {
  await attempt(async () => {
    for (const tile of fleet.get().tiles.values()) {
      if (!ids.includes(tile.id) || tile.groups.includes(group) === member) continue;
      const others = tile.groups.filter((one) => one !== group);
      const groups = member ? [...others, group] : others;
      await call('PATCH', `/monitors/${encodeURIComponent(tile.id)}`, { groups });
    }
  });
}

export async function addMonitor(address: string): Promise<void> {
  await attempt(() => call('POST', '/monitors', { address }));
}

export interface Sighting {
  id: string;
  name: string;
  address: string;
  known: boolean;
}

/** Those that announce themselves on this network; none where that failed. */
export async function lookForMonitors(): Promise<Sighting[]> {
  let items: Sighting[] = [];
  await attempt(async () => {
    items = (await call<{ items: Sighting[] }>('POST', '/discovery')).items;
  });
  return items;
}

/** What goes wrong stands at the top of the page until the next thing is done. */
export async function attempt(deed: () => Promise<unknown>): Promise<void> {
  try {
    fleet.update({ problem: null });
    await deed();
  } catch (error) {
    fleet.update({ problem: asProblem(error) });
  }
}
