import { Problem } from '../errors.js';

/** Bytes `first` to `last`, both included. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * The one range a Range header asks of `size` bytes (RFC 9110, section 14). Null: serve the whole,
 * as for units and lists of ranges that are not supported. Throws where the file has no such bytes.
 */
export function parseRange(header: string, size: number): ByteRange | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (match === null) return null;
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return null;
  if (from === '') return checked({ first: Math.max(0, size - Number(to)), last: size - 1 }, size);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < Number(from)) return null;
  return checked({ first: Number(from), last }, size);
}

function checked(range: ByteRange, size: number): ByteRange {
  if (range.first <= range.last && range.first < size) return range;
  throw new Problem('range-not-satisfiable', `The file has ${size} bytes.`, 'Range');
}

/** Whether a list as in If-None-Match has this tag; weak and strong compare alike there. */
export function matchesTag(header: string, tag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}
