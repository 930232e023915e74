import type { NativeError } from './native.js';

/** What a caller should do: try again soon, wait until something changes, or stop and correct it. */
export type Policy = 'retry' | 'wait' | 'stop';

interface ErrorKind {
  status: number;
  title: string;
  policy: Policy;
}

/** Every error code there is; whatever leaves the server as an error has a row here. */
const kinds = {
  malformed: { status: 400, title: 'The request cannot be read', policy: 'stop' },
  'invalid-value': { status: 422, title: 'A value is not allowed', policy: 'stop' },
  'unknown-field': { status: 422, title: 'There is no such field', policy: 'stop' },
  'name-invalid': { status: 422, title: 'This cannot be a name', policy: 'stop' },
  'key-reused': { status: 422, title: 'This key was for another call', policy: 'stop' },
  'streaming-off': { status: 409, title: 'Live view is switched off', policy: 'wait' },
  'answer-forgotten': { status: 409, title: 'This call was made before', policy: 'stop' },
  'too-large': { status: 413, title: 'The request is too large', policy: 'stop' },
  'unsupported-type': { status: 415, title: 'The body is not JSON', policy: 'stop' },
  'range-not-satisfiable': { status: 416, title: 'The file has no such range', policy: 'stop' },
  'not-found': { status: 404, title: 'Not found', policy: 'stop' },
  'method-not-allowed': { status: 405, title: 'This cannot be done here', policy: 'stop' },
  'recording-running': { status: 409, title: 'A recording is running', policy: 'wait' },
  'not-recording': { status: 409, title: 'No recording is running', policy: 'stop' },
  'needs-restart': { status: 409, title: 'The camera would have to restart', policy: 'wait' },
  'camera-busy': { status: 503, title: 'Another program has the camera', policy: 'retry' },
  'camera-unknown': { status: 422, title: 'There is no such camera', policy: 'stop' },
  'camera-lost': { status: 503, title: 'The camera does not deliver', policy: 'retry' },
  'encoder-unavailable': { status: 409, title: 'There is no such encoder', policy: 'stop' },
  'encoder-refused': { status: 422, title: 'The encoder refuses these settings', policy: 'stop' },
  'encoder-failed': { status: 503, title: 'The encoder has failed', policy: 'retry' },
  'disk-full': { status: 507, title: 'The disk is full', policy: 'wait' },
  'disk-gone': { status: 503, title: 'The disk is gone', policy: 'wait' },
  'disk-unwritable': { status: 503, title: 'The data folder cannot be written', policy: 'wait' },
  'converter-missing': { status: 503, title: 'There is no ffmpeg', policy: 'wait' },
  'conversion-failed': { status: 422, title: 'The video cannot be converted', policy: 'stop' },
  'forbidden-address': { status: 403, title: 'This address is not served', policy: 'stop' },
  'forbidden-host': { status: 421, title: 'This machine has another name', policy: 'stop' },
  'forbidden-origin': { status: 403, title: 'Another site may not do this', policy: 'stop' },
  'not-settable-remotely': { status: 403, title: 'The network cannot set this', policy: 'stop' },
  unauthorised: { status: 401, title: 'A password is needed', policy: 'stop' },
  'forbidden-role': { status: 403, title: 'This role may not do this', policy: 'stop' },
  'key-unknown': { status: 401, title: 'This key is not known here', policy: 'stop' },
  'not-pairing': { status: 409, title: 'No code is shown', policy: 'wait' },
  'code-wrong': { status: 403, title: 'The code is wrong', policy: 'stop' },
  unproved: { status: 502, title: 'It does not prove who it is', policy: 'wait' },
  'too-many-requests': { status: 429, title: 'Too many requests', policy: 'retry' },
  'clock-kept': { status: 409, title: 'A time server keeps the clock', policy: 'stop' },
  'not-permitted': { status: 403, title: 'The service is not allowed to', policy: 'stop' },
  'not-available': { status: 501, title: 'This machine cannot do this', policy: 'stop' },
  'identity-conflict': { status: 409, title: 'Two machines answer as one', policy: 'wait' },
  'checksum-differs': { status: 502, title: 'The copy is not the same', policy: 'retry' },
  'upload-failed': { status: 502, title: 'The destination did not take it', policy: 'retry' },
  unreachable: { status: 502, title: 'The other side does not answer', policy: 'retry' },
  'not-hashed': { status: 409, title: 'The checksums are not known yet', policy: 'retry' },
  'not-transferred': { status: 409, title: 'There is no copy of everything', policy: 'stop' },
  expired: { status: 410, title: 'The command came too late', policy: 'stop' },
  'schedule-missed': { status: 503, title: 'A scheduled recording was missed', policy: 'stop' },
  'hook-failed': { status: 500, title: 'A hook has failed', policy: 'wait' },
  internal: { status: 500, title: 'Something went wrong inside', policy: 'retry' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof kinds;

export const errorCodes = Object.keys(kinds) as readonly ErrorCode[];

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(kinds, code);
}

/** The body of an `application/problem+json` response. */
export interface ProblemJson {
  type: 'about:blank';
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  field: string | null;
}

/** An error a person reads: `detail` is a sentence that says what to do, `field` what it is about. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    readonly field: string | null = null,
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }

  get status(): number {
    return kinds[this.code].status;
  }

  get policy(): Policy {
    return kinds[this.code].policy;
  }

  toJSON(): ProblemJson {
    const { status, title } = kinds[this.code];
    const { code, detail, field } = this;
    return { type: 'about:blank', title, status, code, detail, field };
  }
}

/** What the operating system says when a file cannot be made, written or read. */
const codeOfErrno: Record<string, ErrorCode> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EACCES: 'disk-unwritable',
  EPERM: 'disk-unwritable',
  EROFS: 'disk-unwritable',
  ENOTDIR: 'disk-unwritable',
  EEXIST: 'disk-unwritable',
  EISDIR: 'disk-unwritable',
  ENOENT: 'disk-gone',
  EIO: 'disk-gone',
  ENODEV: 'disk-gone',
  ENXIO: 'disk-gone',
  ESTALE: 'disk-gone',
};

/** Brings anything thrown into the table: the addon's errors by code, the file system's by errno. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error)) return new Problem('internal', String(error));
  const { code, field } = error as Partial<NativeError>;
  if (isErrorCode(code)) return new Problem(code, error.message, field ?? null, { cause: error });
  const mapped = codeOfErrno[String(code)];
  return new Problem(mapped ?? 'internal', error.message, null, { cause: error });
}
