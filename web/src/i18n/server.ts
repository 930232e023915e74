import { words } from '../format';
import { controlTexts, serverTexts } from './index';

/** An error's title, by its code. */
export function problemTitle({ code, title }: { code: string; title: string }): string {
  return lookUp(serverTexts?.problems, code) ?? title;
}

/** What people call a control; one that the table lacks by its name in words: `ToneCurve` → `Tone curve`. */
export function controlName(id: string): string {
  return lookUp(controlTexts.names, id) ?? words(id);
}

/** What people call a control's choice; one that the table lacks in words, without its control's name. */
export function choiceName(id: string, choice: string): string {
  const bare = choice.startsWith(id) && choice !== id ? choice.slice(id.length) : choice;
  return lookUp(controlTexts.choices, choice) ?? words(bare);
}

/** A control's unit, where it is a word and no sign. */
export function controlUnit(unit: string): string {
  return lookUp(controlTexts.units, unit) ?? unit;
}

/** A section of the settings. */
export function sectionTitle(path: string, title: string): string {
  return lookUp(serverTexts?.sections, path) ?? title;
}

/** What a setting is called, and what it is for. */
export function fieldTexts(
  path: string,
  { title = path, description = '' }: Described,
): Required<Described> {
  return lookUp(serverTexts?.fields, path) ?? { title, description };
}

interface Described {
  title?: string;
  description?: string;
}

/** A word of the status, such as the clock's source. */
export function statusWord(word: string): string {
  return lookUp(serverTexts?.words, word) ?? word;
}

function lookUp<T>(texts: Record<string, T> | undefined, key: string): T | undefined {
  return texts !== undefined && Object.hasOwn(texts, key) ? texts[key] : undefined;
}
