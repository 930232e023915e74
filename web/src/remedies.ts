import { t } from './i18n';

/** What a person can do about an error, by the server's stable codes; null for one of a newer server. */
export function remedyFor(code: string): string | null {
  const remedies: Record<string, string> = t.errors.remedies;
  return Object.hasOwn(remedies, code) ? (remedies[code] ?? null) : null;
}
