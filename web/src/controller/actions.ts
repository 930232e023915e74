import { asProblem, call } from '../api';
import { fleet, targets } from './fleet-store';
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
export async function giveCommand(command: CommandName, args: object = {}): Promise<void> {
  await attempt(async () => {
    // The same id again is the same command: a call whose answer was lost may be repeated.
    const id = crypto.getRandomValues(new Uint32Array(4)).join('-');
    const body = { id, targets: targets(), command, args };
    let given = await call<Command>('POST', '/commands', body);
    fleet.update({ command: given });
    while (given.state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, 300));
      given = await call<Command>('GET', `/commands/${given.id}`);
      fleet.update({ command: given });
    }
  });
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

export async function beginTransfer(destination: string): Promise<void> {
  await attempt(async () => {
    const body = { targets: targets(), ...(destination !== '' && { destination }) };
    const transfer = await call<Transfer>('POST', '/transfers', body);
    fleet.update({ transfers: [transfer, ...fleet.get().transfers] });
  });
}

export async function stopTransfer(id: string): Promise<void> {
  await attempt(() => call('DELETE', `/transfers/${id}`));
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
