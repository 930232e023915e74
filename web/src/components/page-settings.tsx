import type { JSX } from 'preact';
import { languages, t } from '../i18n';
import type { Language } from '../i18n';
import { canPlayVideo } from '../preview';
import type { Codec } from '../preview';
import { setCodec, setLanguage, store } from '../state';
import { useStore } from '../store';
import { Group } from './group';

/** What is set for this browser only. */
export function PageSettings(): JSX.Element {
  const codec = useStore(store, (state) => state.codec);
  const language = useStore(store, (state) => state.language);
  return (
    <Group id="page" title={t.settings.page}>
      <div class="field">
        <label for="page-language">{t.settings.pageLanguage}</label>
        <select
          id="page-language"
          value={language}
          onChange={(event) => void setLanguage(event.currentTarget.value as Language)}
        >
          {languages().map(({ id, name }) => (
            <option key={id} value={id} lang={id}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {canPlayVideo() && (
        <div class="field">
          <label for="page-codec">{t.settings.pageCodec}</label>
          <select
            id="page-codec"
            value={codec}
            aria-describedby="page-codec-hint"
            onChange={(event) => setCodec(event.currentTarget.value as Codec)}
          >
            <option value="jpeg">{t.settings.codecs.jpeg}</option>
            <option value="h264">{t.settings.codecs.h264}</option>
          </select>
          <small id="page-codec-hint" class="hint">
            {t.settings.pageCodecHint}
          </small>
        </div>
      )}
    </Group>
  );
}
