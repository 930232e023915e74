import { contentHash } from '../access/link-key.js';
import { Problem } from '../errors.js';
import type { Exchange } from './exchange.js';

/** Most bodies of the API are nowhere near this. */
export const usualBodyLimit = 64 * 1024;

export interface BodyHeaders {
  contentType: string;
  contentLength: string;
  /** contentHash of the body that was signed; null where nothing was. */
  signedContent: string | null;
}

const jsonTypes = ['application/json', 'application/merge-patch+json'];

/**
 * Reads a JSON body of at most `limit` bytes; no body at all reads as `{}`. Must be called in the request's handler, before
 * anything is awaited. Rejects with `too-large`, `unsupported-type`,
 * `malformed` or `unauthorised`.
 */
export async function readJsonBody(
  exchange: Exchange,
  headers: BodyHeaders,
  limit: number,
): Promise<unknown> {
  const bytes = await collect(exchange, Number(headers.contentLength || 0), limit);
  if (headers.signedContent !== null && headers.signedContent !== contentHash(bytes)) {
    throw new Problem('unauthorised', 'The body is not the one that was signed.');
  }
  if (bytes.length === 0) return {};
  const type = (headers.contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (!jsonTypes.includes(type)) {
    throw new Problem('unsupported-type', 'Send the body as Content-Type: application/json.');
  }
  return parseJson(bytes.toString('utf8'));
}

function collect(exchange: Exchange, announced: number, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    const refuse = (): void => {
      refused = true;
      reject(new Problem('too-large', `The body has more than ${limit} bytes.`));
    };
    if (announced > limit) refuse();
    exchange.res.onData((chunk, isLast) => {
      if (refused) return;
      size += chunk.byteLength;
      if (size > limit) {
        refuse();
        return;
      }
      chunks.push(Buffer.from(Buffer.from(chunk))); // the chunk's memory is valid in this call only
      if (isLast) resolve(Buffer.concat(chunks));
    });
    exchange.whenOver(() => reject(new Problem('malformed', 'The client went away.')));
  });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, refuseProto);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new Problem('malformed', `The body is no JSON: ${why}`);
  }
}

/** A key `__proto__` is no field of anything here, and assigning it would change prototypes. */
function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new Problem('unknown-field', 'There is no field __proto__.', key);
  return value;
}
