import { Problem } from '../errors.js';
import type { HttpRequest } from './uws.js';

/** The query as an object. A field given twice is refused: which one was meant? */
export function readQuery(req: HttpRequest): Record<string, string> {
  // The type says string; without a question mark it is undefined.
  const text = (req.getQuery() as string | undefined) ?? '';
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields.has(name)) throw new Problem('malformed', `${name} is given twice.`, name);
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}
