import { controlsDe, controlsEn } from './controls';
import type { ControlTexts } from './controls';
import { de } from './de';
import { en } from './en';
import type { Texts } from './en';
import { serverDe } from './server-de';
import type { ServerTexts } from './server-texts';

/** The page's own texts, and what the server says, which is English by itself, where translated. */
interface Translation {
  own: Texts;
  server: ServerTexts | null;
  controls: ControlTexts;
}

const translations = {
  en: { own: en, server: null, controls: controlsEn },
  de: { own: de, server: serverDe, controls: controlsDe },
} satisfies Record<string, Translation>;

export type Language = keyof typeof translations;

const languageKey = 'pi-monitor.language';

/**
 * The texts of the language in use: `t.record.start`, or `t.picture.old('12 s')`. Read it where
 * something is drawn, not once when a module is loaded: the language can be changed.
 */
export let t: Texts;
/** What the server says in the language in use; null: as it comes. */
export let serverTexts: ServerTexts | null;
/** Names and units of the camera's controls. */
export let controlTexts: ControlTexts;
export let language: Language;
/** For dates and numbers: the reader's own kind of the language, such as `en-GB`. */
export let locale: string;

use(firstLanguage());

/** For a choice: each language by its own name. */
export function languages(): { id: Language; name: string }[] {
  return (Object.keys(translations) as Language[]).map((id) => ({
    id,
    name: translations[id].own.language,
  }));
}

/** Remembered in this browser; what is drawn already must be drawn anew. */
export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(languageKey, chosen);
  use(chosen);
}

function use(chosen: Language): void {
  language = chosen;
  t = translations[chosen].own;
  serverTexts = translations[chosen].server;
  controlTexts = translations[chosen].controls;
  locale = navigator.languages.find((tag) => baseOf(tag) === chosen) ?? chosen;
  document.documentElement.lang = chosen;
}

/** The one chosen before, else the first of the browser's that there is, else English. */
function firstLanguage(): Language {
  const wanted = [localStorage.getItem(languageKey) ?? '', ...navigator.languages.map(baseOf)];
  return wanted.find(isLanguage) ?? 'en';
}

function isLanguage(id: string): id is Language {
  return Object.hasOwn(translations, id);
}

function baseOf(tag: string): string {
  return tag.split('-')[0] ?? tag;
}
