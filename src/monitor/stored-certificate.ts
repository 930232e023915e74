import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '../config/merge-patch.js';
import type { Certificate } from './certificate.js';
import { isPlainName } from './recordings-folder.js';

/** What certificates did not have at first. */
const laterFileFields = { closed: true };

/** Enough of a check for a file of our own making: a stranger's JSON is not taken for one. */
export function isCertificate(content: unknown): content is Certificate {
  if (!isJsonObject(content) || content['version'] !== 1) return false;
  const { files, start, derived = [] } = content;
  return (
    isJsonObject(start) &&
    typeof start['wallUs'] === 'number' &&
    Array.isArray(files) &&
    Array.isArray(derived) &&
    [...(files as unknown[]), ...(derived as unknown[])].every(
      (file) => isJsonObject(file) && isPlainName(file['path']),
    )
  );
}

/** With what certificates did not have at first, and the sizes of files in `folder` it does not know. */
export async function completed(certificate: Certificate, folder: string): Promise<Certificate> {
  const files = await Promise.all(
    certificate.files.map(async (file) => ({
      ...laterFileFields,
      ...file,
      bytes: file.bytes ?? (await sizeOf(join(folder, file.path))),
    })),
  );
  const { bootId, plan, repair } = certificate;
  return {
    ...certificate,
    files,
    bootId: bootId ?? null,
    plan: plan ?? null,
    repair: repair ?? null,
  };
}

/** In bytes; null where it cannot be told. */
export async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}
