import type { Problem } from '../api';
import { Store, useStore } from '../store';
import { inOrder, type SortKey } from './order';
import type { Command, Run, Tile, Transfer } from './types';

export interface FleetState {
  /** Of the socket to the controller; null before the first attempt has ended. */
  connected: boolean | null;
  tiles: ReadonlyMap<number, Tile>;
  filter: string;
  sort: SortKey;
  /** Whether there are pictures at all, and the ids of those whose picture stands still. */
  pictures: boolean;
  still: ReadonlySet<string>;
  selected: ReadonlySet<string>;
  /** The last one given here. */
  command: Command | null;
  runs: Run[];
  transfers: Transfer[];
  problem: Problem | null;
  /** The id of the monitor whose name and groups are being changed. */
  edited: string | null;
}

export const fleet = new Store<FleetState>({
  connected: null,
  tiles: new Map(),
  filter: '',
  sort: 'number',
  pictures: true,
  still: new Set(),
  selected: new Set(),
  command: null,
  runs: [],
  transfers: [],
  problem: null,
  edited: null,
});

export function useFleet<V>(select: (state: FleetState) => V): V {
  return useStore(fleet, select);
}

export function shownTiles({ tiles, filter, sort }: FleetState): Tile[] {
  return inOrder([...tiles.values()], filter, sort);
}

/** Each group with the ids of its monitors, by name. */
export function groupsOf({ tiles }: FleetState): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const { id, groups: names } of tiles.values()) {
    for (const name of names) groups.set(name, [...(groups.get(name) ?? []), id]);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
}

/** With the address where several have the name. */
export function nameOf(id: string): string {
  const tiles = [...fleet.get().tiles.values()];
  const tile = tiles.find((one) => one.id === id);
  if (tile === undefined) return id;
  const alone = tiles.filter(({ name }) => name === tile.name).length === 1;
  return alone ? tile.name : `${tile.name} (${tile.address})`;
}

/** The selected ones or, where none is selected, all that are shown. */
export function targets(): string[] {
  const state = fleet.get();
  const shown = shownTiles(state).map(({ id }) => id);
  return state.selected.size === 0 ? shown : [...state.selected];
}

export function toggle(id: string): void {
  const selected = new Set(fleet.get().selected);
  if (!selected.delete(id)) selected.add(id);
  fleet.update({ selected });
}
