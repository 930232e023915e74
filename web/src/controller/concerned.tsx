import type { JSX } from 'preact';
import { count } from '../format';
import { t } from '../i18n';
import { nameOf } from './fleet-store';

const named = 8;

/** How many monitors a deed is about, and which. */
export function Concerned({ ids }: { ids: readonly string[] }): JSX.Element {
  const names = ids.slice(0, named).map(nameOf).join(', ');
  const more = ids.length - named;
  return (
    <p class="concerned">
      {t.controller.sure(count(ids.length))}{' '}
      <span class="quiet">
        {names}
        {more > 0 && ` ${t.controller.andMore(count(more))}`}
      </span>
    </p>
  );
}
