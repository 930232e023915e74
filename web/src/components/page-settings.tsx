import type { JSX } from 'preact';
import { languages, t } from '../i18n';
import type { Language } from '../i18n';
import { setLanguage, store } from '../state';
import { useStore } from '../store';

/** What is set for this browser only. */
export function PageSettings(): JSX.Element {
  const language = useStore(store, (state) => state.language);
  return (
    <fieldset>
      <legend>{t.settings.page}</legend>
      <div class="field">
        <label for="page-language">{t.settings.pageLanguage}</label>
        <select
          id="page-language"
          value={language}
          onChange={(event) => setLanguage(event.currentTarget.value as Language)}
        >
          {languages().map(({ id, name }) => (
            <option key={id} value={id} lang={id}>
              {name}
            </option>
          ))}
        </select>
      </div>
    </fieldset>
  );
}
