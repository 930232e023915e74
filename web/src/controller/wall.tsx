import type { JSX } from 'preact';
import { t } from '../i18n';
import { fleet, shownTiles, useFleet } from './fleet-store';
import { TileCard } from './tile-card';
import { TileDialog } from './tile-dialog';

export function Wall({ operates }: { operates: boolean }): JSX.Element {
  const state = useFleet((whole) => whole);
  const shown = shownTiles(state);
  if (shown.length === 0 && state.connected !== null) {
    return (
      <p class="quiet">{state.tiles.size === 0 ? t.controller.none : t.controller.noneShown}</p>
    );
  }
  const edited = shown.find(({ id }) => id === state.edited);
  return (
    <>
      <ul class="wall">
        {shown.map((tile) => (
          <TileCard
            key={tile.id}
            tile={tile}
            selected={state.selected.has(tile.id)}
            still={!state.pictures || state.still.has(tile.id)}
            operates={operates}
          />
        ))}
      </ul>
      {edited && <TileDialog tile={edited} onClose={() => fleet.update({ edited: null })} />}
    </>
  );
}
