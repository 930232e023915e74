import type { JSX } from 'preact';
import { count } from '../format';
import { t } from '../i18n';
import { fleet, shownTiles, useFleet } from './fleet-store';
import { sortKeys, type SortKey } from './order';
import { tellView } from './wall-client';

/** Which tiles are shown, in which order, and which are chosen. */
export function ViewBar(): JSX.Element {
  const { filter, sort, pictures, selected } = useFleet((state) => state);
  const selectShown = (): void => {
    fleet.update({ selected: new Set(shownTiles(fleet.get()).map(({ id }) => id)) });
  };
  return (
    <div class="view-bar">
      <input
        type="search"
        id="filter"
        value={filter}
        aria-label={t.controller.filter}
        placeholder={t.controller.filterHint}
        onInput={(event) => fleet.update({ filter: event.currentTarget.value })}
      />
      <select
        id="sort"
        aria-label={t.controller.sort}
        value={sort}
        onChange={(event) => fleet.update({ sort: event.currentTarget.value as SortKey })}
      >
        {sortKeys.map((key) => (
          <option key={key} value={key}>
            {t.controller.sorts[key]}
          </option>
        ))}
      </select>
      <label class="tick">
        <input
          type="checkbox"
          checked={pictures}
          onChange={() => {
            fleet.update({ pictures: !pictures });
            tellView();
          }}
        />
        {t.controller.pictures}
      </label>
      <button type="button" id="select-shown" onClick={selectShown}>
        {t.controller.selectShown}
      </button>
      {selected.size > 0 && (
        <button type="button" onClick={() => fleet.update({ selected: new Set() })}>
          {t.controller.selectNone} ({count(selected.size)})
        </button>
      )}
    </div>
  );
}
