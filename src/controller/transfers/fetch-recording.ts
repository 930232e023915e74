import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem, toProblem } from '../../errors.js';
import type { Certificate, CertifiedFile } from '../../monitor/certificate.js';
import { syncFolder } from '../../system/atomic-file.js';
import { readJson, writeJson } from '../../system/json-file.js';
import { Serial } from '../../system/serial.js';
import type { Member } from '../member.js';
import { sumOnDisk } from './checksum.js';
import { download, sizeOf } from './download.js';
import type { Rate } from './rate.js';

export interface FetchParts {
  member: Member;
  recording: string;
  /** Where recordings of this monitor go; one folder each below it. */
  folder: string;
  rate: Rate;
  signal: AbortSignal;
  onProgress: (state: 'fetching' | 'verifying', bytes: number, totalBytes: number) => void;
}

export interface Fetched {
  folder: string;
  /** Whether the monitor could note that there is a copy. */
  marked: boolean;
}

const patienceMs = 10_000;
const plainName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
/** A file that comes wrong so often is wrong where it lies. */
const attempts = 3;
/** Left free on this machine's disk. */
const reserveBytes = 500e6;

/**
 * Fetches a recording's files and its certificate, and tells the monitor that the copy is whole. Each
 * file is compared with the certificate's SHA-256 as received and, once synced, as read from the disk
 * again. Throws `unreachable` or `not-hashed` where it should be tried again later.
 */
export async function fetchRecording(parts: FetchParts): Promise<Fetched> {
  const { member, recording, onProgress } = parts;
  checkName(recording);
  const certificate = await certificateOf(member, recording);
  const folder = await folderFor(parts.folder, certificate);
  const totalBytes = certificate.files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  await refuseFullDisk(folder, certificate.files, totalBytes);
  await fetchFiles(parts, certificate.files, folder, (state, bytes) =>
    onProgress(state, bytes, totalBytes),
  );
  await writeJson(join(folder, `${recording}.json`), certificate);
  await rm(join(folder, certificatePart(recording)), { force: true });
  await syncFolder(folder);
  return { folder, marked: await mark(member, certificate) };
}

/**
 * A folder of the recording's name, or with -2, -3 … where that is another's: names are free again once
 * a recording was removed at the monitor, and what is here may be the only copy of it.
 */
async function folderFor(root: string, certificate: Certificate): Promise<string> {
  const { name } = certificate;
  for (let n = 1; ; n++) {
    const folder = join(root, n === 1 ? name : `${name}-${n}`);
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length === 0) {
      await writeJson(join(folder, certificatePart(name)), certificate);
      return folder;
    }
    const known =
      (await startIn(join(folder, `${name}.json`))) ??
      (await startIn(join(folder, certificatePart(name))));
    if (known === certificate.start.wallUs) return folder;
  }
}

/** Says whose folder it is from the start; the certificate itself comes when all files are whole. */
function certificatePart(recording: string): string {
  return `${recording}.json.part`;
}

/** When the recording began that a certificate is of, µs since 1970; null where there is none to read. */
async function startIn(path: string): Promise<number | null> {
  const kept = (await readJson(path).catch(() => null)) as Partial<Certificate> | null;
  return kept?.start?.wallUs ?? null;
}

async function certificateOf(member: Member, recording: string): Promise<Certificate> {
  const path = `/api/v1/recordings/${encodeURIComponent(recording)}`;
  const call = { method: 'GET', path, timeoutMs: patienceMs } as const;
  const certificate = await member.http.json<Certificate>(call);
  if (certificate.name !== recording) {
    // Folders and files here are named by it.
    throw new Problem('name-invalid', `${recording} comes with the certificate of another.`);
  }
  if (certificate.stop === null) throw new Problem('recording-running', 'It has not ended.');
  for (const { path: name, sha256, bytes } of certificate.files) {
    checkName(name);
    if (sha256 === null || bytes === null)
      throw new Problem('not-hashed', `The checksum of ${name} is being made.`);
  }
  return certificate;
}

type Tell = (state: 'fetching' | 'verifying', bytes: number) => void;

/**
 * One file after the other comes over the link; while one is read from the disk again the next is on its
 * way. The first that fails ends them all.
 */
async function fetchFiles(
  parts: FetchParts,
  files: readonly CertifiedFile[],
  folder: string,
  tell: Tell,
): Promise<void> {
  const line = new Serial();
  const failed = new AbortController();
  const signal = AbortSignal.any([parts.signal, failed.signal]);
  let before = 0;
  const fetched = files.map(async (file) => {
    const soFar = before;
    before += file.bytes ?? 0;
    try {
      await fetchFile({ ...parts, signal }, file, folder, line, (state, bytes) =>
        tell(state, soFar + bytes),
      );
    } catch (error) {
      failed.abort(error); // the reason of all that follow is this one
      throw error;
    }
  });
  await Promise.allSettled(fetched); // nothing writes any more when it is tried again
  failed.signal.throwIfAborted();
}

/** `line`: whoever holds it has the link. */
async function fetchFile(
  { member, recording, rate, signal }: FetchParts,
  { path: name, sha256, bytes }: CertifiedFile,
  folder: string,
  line: Serial,
  tell: Tell,
): Promise<void> {
  const totalBytes = bytes ?? 0;
  const final = join(folder, name);
  const part = `${final}.part`;
  const bring = async (): Promise<string | null> => {
    signal.throwIfAborted();
    if ((await sizeOf(final)) === totalBytes && (await sumOnDisk(final)) === sha256) return null;
    return download({
      http: member.http,
      path: `/api/v1/files/${encodeURIComponent(recording)}/${encodeURIComponent(name)}`,
      part,
      totalBytes,
      rate,
      signal,
      onBytes: (count) => tell('fetching', count),
    });
  };
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const received = await line.run(bring);
    tell('verifying', totalBytes);
    if (received === null) return; // an earlier transfer has brought it
    if (received === sha256 && (await sumOnDisk(part)) === sha256) {
      await rename(part, final);
      return;
    }
    await rm(part);
  }
  throw new Problem(
    'checksum-differs',
    `${name} came ${attempts} times with another checksum than its certificate has.`,
  );
}

async function refuseFullDisk(
  folder: string,
  files: readonly CertifiedFile[],
  totalBytes: number,
): Promise<void> {
  const there = await Promise.all(
    files.flatMap(({ path }) => [sizeOf(join(folder, path)), sizeOf(join(folder, `${path}.part`))]),
  );
  const missing = totalBytes - there.reduce((sum, bytes) => sum + bytes, 0);
  const { bavail, bsize } = await statfs(folder);
  if (missing > 0 && bavail * bsize < missing + reserveBytes) {
    const gigabytes = ((missing + reserveBytes) / 1e9).toFixed(1);
    throw new Problem('disk-full', `${gigabytes} GB must be free below ${folder}.`);
  }
}

/** False where the monitor is of a version that keeps no such note. */
async function mark(member: Member, { name, files }: Certificate): Promise<boolean> {
  const path = `/api/v1/recordings/${encodeURIComponent(name)}/transferred`;
  const body = { files: files.map(({ path, sha256 }) => ({ path, sha256 })), by: 'controller' };
  try {
    await member.http.json({ method: 'POST', path, body, timeoutMs: patienceMs });
    return true;
  } catch (error) {
    const { code } = toProblem(error);
    if (code === 'not-found' || code === 'method-not-allowed') return false;
    throw error;
  }
}

/** What another machine says becomes a path here. */
function checkName(name: string): void {
  if (!plainName.test(name)) throw new Problem('name-invalid', `${name.slice(0, 100)} is no name.`);
}
