import { t } from './i18n';

/** What a person at the machine can do about an error, by the server's stable codes. */
export function remedyFor(code: string): string | null {
  return t.errors.remedies[code] ?? null;
}
