import type { JSX } from 'preact';
import { timeOfDay } from '../format';
import { t } from '../i18n';
import { store } from '../state';
import { useStore } from '../store';

/** All that went wrong since the page was loaded, newest first. Nothing takes a line away. */
export function ErrorLog(): JSX.Element {
  const notices = useStore(store, (state) => state.notices);
  return (
    <footer id="error-log" class="errors" tabIndex={-1}>
      <h2>{t.errors.title}</h2>
      {notices.length === 0 && <p class="quiet">{t.errors.none}</p>}
      <ol id="errors" role="log" aria-label={t.errors.title}>
        {notices.map(({ key, wallUs, title, detail, remedy }) => (
          <li key={key}>
            <time>{timeOfDay(wallUs)}</time>
            <div>
              <strong>{title}</strong>
              <p>{detail}</p>
              {remedy !== null && <p>{remedy}</p>}
            </div>
          </li>
        ))}
      </ol>
    </footer>
  );
}
