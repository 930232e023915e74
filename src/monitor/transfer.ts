import { Problem } from '../errors.js';
import { wallUs } from '../system/wall-clock.js';
import type { Certificate } from './certificate.js';

/** That somebody has a copy of a recording, file by file the same as the certificate says. */
export interface Transfer {
  verified: true;
  /** UTC in µs. */
  at: number;
  /** Who said so. */
  by: string;
  /** What was compared. */
  files: string[];
}

export interface Checksum {
  path: string;
  sha256: string;
}

/**
 * The certificate with the mark that all its files are elsewhere as well. Throws where a file is
 * missing among `copied`, differs, or has no checksum yet.
 */
export function withTransfer(
  certificate: Certificate,
  copied: readonly Checksum[],
  by: string,
): Certificate {
  const { name, stop, files } = certificate;
  if (stop === null) throw new Problem('recording-running', `${name} has not ended.`);
  const sumOf = new Map(copied.map(({ path, sha256 }) => [path, sha256.toLowerCase()]));
  for (const { path, sha256 } of files) {
    if (sha256 === null) throw new Problem('not-hashed', `The checksum of ${path} is being made.`);
    const copy = sumOf.get(path);
    if (copy === undefined) throw mismatch(`${path} is missing.`);
    if (copy !== sha256) throw mismatch(`${path} differs: its copy is not whole.`);
    sumOf.delete(path);
  }
  const [unknown] = sumOf.keys();
  if (unknown !== undefined) throw mismatch(`${name} has no file ${unknown}.`);
  const paths = files.map(({ path }) => path);
  return { ...certificate, transferred: { verified: true, at: wallUs(), by, files: paths } };
}

/** The mark taken back: the files will be others than those that were compared. */
export function withoutTransfer({ transferred: _, ...certificate }: Certificate): Certificate {
  return certificate;
}

function mismatch(detail: string): Problem {
  return new Problem('invalid-value', detail, 'files');
}
