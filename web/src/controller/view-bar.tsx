import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../format';
import { t } from '../i18n';
import { AddMonitor } from './add-monitor';
import { fleet, groupsOf, shownTiles, useFleet } from './fleet-store';
import { sortKeys, type SortKey } from './order';
import { tellView } from './wall-client';

/** Which tiles are shown, in which order, and which are chosen. */
export function ViewBar({ operates }: { operates: boolean }): JSX.Element {
  const state = useFleet((whole) => whole);
  const [adding, setAdding] = useState(false);
  const { filter, sort, pictures, selected } = state;
  const shown = shownTiles(state);
  const hidden = [...selected].filter((id) => !shown.some((tile) => tile.id === id)).length;
  const select = (ids: string[]): void => fleet.update({ selected: new Set(ids) });
  /** What the choice of a selection can be, by its value there. */
  const selections = new Map<string, [string, string[]]>([
    ['shown', [t.controller.selectShown, shown.map(({ id }) => id)]],
    ['none', [t.controller.selectNone, []]],
    ...groupsOf(state).map(([name, ids]): [string, [string, string[]]] => [
      `group ${name}`,
      [t.controller.selectGroup(name, count(ids.length)), ids],
    ]),
  ]);
  return (
    <section class="view-bar" aria-label={t.controller.view}>
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
      {operates && (
        <select
          id="selection"
          aria-label={t.controller.selection}
          value=""
          onChange={(event) => {
            select(selections.get(event.currentTarget.value)?.[1] ?? []);
            event.currentTarget.value = '';
          }}
        >
          <option value="">
            {selected.size === 0
              ? t.controller.selection
              : t.controller.selected(count(selected.size), count(hidden))}
          </option>
          {[...selections].map(([value, [text]]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
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
      {operates && (
        <button type="button" id="add" onClick={() => setAdding(true)}>
          {t.controller.addTitle}
        </button>
      )}
      {adding && <AddMonitor onClose={() => setAdding(false)} />}
    </section>
  );
}
