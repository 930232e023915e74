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
 * The certificate with the mark that all its files are elsewhere as well; those made from it by a
 * conversion need not be, and are compared where they are. Throws where a file is missing among
 * `copied`, differs, or has no checksum yet.
 */
export function withTransfer(
  certificate: Certificate,
  copied: readonly Checksum[],
  by: string,
): Certificate {
  const { name, stop, files, derived = [] } = certificate;
  if (stop === null) throw new Problem('recording-running', `${name} has not ended.`);
  const copies = new Map(copied.map(({ path, sha256 }) => [path, sha256.toLowerCase()]));
  const compared: string[] = [];
  for (const { path, sha256 } of [...files, ...derived]) {
    const copy = copies.get(path);
    copies.delete(path);
    if (copy === undefined && derived.some((made) => made.path === path)) continue;
    if (sha256 === null) throw new Problem('not-hashed', `The checksum of ${path} is being made.`);
    if (copy === undefined) throw mismatch(`${path} is missing.`);
    if (copy !== sha256) throw mismatch(`${path} differs: its copy is not whole.`);
    compared.push(path);
  }
  const [unknown] = copies.keys();
  if (unknown !== undefined) throw mismatch(`${name} has no file ${unknown}.`);
  return { ...certificate, transferred: { verified: true, at: wallUs(), by, files: compared } };
}

/** The mark taken back: the files will be others than those that were compared. */
export function withoutTransfer({ transferred: _, ...certificate }: Certificate): Certificate {
  return certificate;
}

function mismatch(detail: string): Problem {
  return new Problem('invalid-value', detail, 'files');
}
