import { Problem } from '../errors.js';

/** Names become folder and file names; with the longest ending they must fit into 255 bytes. */
const longest = 150;

const fallbackTemplate = '{host}_{date}_{time}';

/** Refuses a name a person gave that cannot be one, saying why. */
export function checkName(name: string): string {
  const field = 'name';
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw new Problem(
      'name-invalid',
      'A name has letters, digits, dot, dash and underscore.',
      field,
    );
  }
  if (name.startsWith('.') || name.startsWith('-')) {
    throw new Problem(
      'name-invalid',
      'A name begins with a letter, a digit or an underscore.',
      field,
    );
  }
  if (name.length > longest) {
    throw new Problem('name-invalid', `A name has at most ${longest} characters.`, field);
  }
  return name;
}

/**
 * Fills `{host}`, `{date}`, `{time}` (local) and any metadata key into the template. Each value, and
 * what stands between, is reduced to `[A-Za-z0-9._-]`; a key that is missing leaves nothing.
 */
export function nameFrom(
  template: string,
  values: { host: string; at: Date; metadata: Record<string, unknown> },
): string {
  return fill(template, values) || fill(fallbackTemplate, values);
}

function fill(template: string, { host, at, metadata }: Parameters<typeof nameFrom>[1]): string {
  const known = new Map<string, unknown>(Object.entries(metadata));
  known.set('host', host).set('date', localDate(at)).set('time', localTime(at));
  const filled = template.replace(/\{([^{}]*)\}/g, (_, key: string) => {
    const value = known.get(key);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? reduced(String(value))
      : '';
  });
  return reduced(filled).slice(0, longest);
}

function reduced(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .replace(/-+$/, '');
}

const two = (n: number): string => String(n).padStart(2, '0');

function localDate(at: Date): string {
  return `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
}

function localTime(at: Date): string {
  return `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
}
