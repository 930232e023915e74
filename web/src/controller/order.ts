import { t } from '../i18n';
import type { Tile } from './types';

export const sortKeys = [
  'number',
  'name',
  'state',
  'losses',
  'disk',
  'clock',
  'temperature',
] as const;
export type SortKey = (typeof sortKeys)[number];

/** What needs someone comes first; what is not known comes last. */
const rank: Record<Exclude<SortKey, 'name'>, (tile: Tile) => number> = {
  number: (tile) => tile.number,
  state: (tile) => stateRank(tile),
  losses: (tile) => -(tile.losses ?? -1),
  disk: (tile) => tile.figures.hoursLeft ?? Infinity,
  clock: (tile) => -Math.abs(tile.figures.offsetMs ?? 0),
  temperature: (tile) => -(tile.figures.temperatureC ?? -Infinity),
};

function stateRank(tile: Tile): number {
  if (tile.problem !== null) return 0;
  if (needsSomeone(tile)) return 1;
  return tile.recording === null ? 3 : 2;
}

export function needsSomeone(tile: Tile): boolean {
  return tile.problem !== null || tile.unproved.length > 0 || (tile.losses ?? 0) > 0;
}

/** Those that every word of the filter is found in. */
export function inOrder(tiles: Tile[], filter: string, sort: SortKey): Tile[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = tiles.filter((tile) => {
    const text = textOf(tile);
    return words.every((word) => text.includes(word));
  });
  return found.sort((a, b) => {
    const before = sort === 'name' ? a.name.localeCompare(b.name) : rank[sort](a) - rank[sort](b);
    return before || a.number - b.number;
  });
}

/** What can be found of a tile: what it shows, and the API's words for it. */
function textOf(tile: Tile): string {
  const { name, address, groups, state, recording, reachable, conflict, unproved } = tile;
  const parts = [
    ...[name, address, ...groups, state ?? '', recording ?? ''],
    reachable ? '' : `unreachable ${t.controller.unreachable}`,
    conflict ? `conflict ${t.controller.conflict}` : '',
    unproved.length > 0 ? `unproved ${t.controller.impostor} ${unproved.join(' ')}` : '',
  ];
  return parts.join(' ').toLowerCase();
}
