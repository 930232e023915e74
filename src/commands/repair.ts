import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Problem, toProblem } from '../errors.js';
import type { Certificate } from '../monitor/certificate.js';
import { completeHashes, repairRecording, type RepairTools } from '../monitor/repair.js';
import { Recordings } from '../monitor/recordings.js';
import { loadAddon } from '../native.js';
import { readBootId } from '../system/boot-id.js';

/**
 * Makes recordings whole that were broken off: one, or all in a folder. Prints what it did with
 * each; the exit code is 1 where something could not be done, or is being recorded.
 */
export async function repair(path: string): Promise<void> {
  const { folder, names } = await recordingsAt(resolve(path));
  const tools = {
    addon: loadAddon(),
    recordings: new Recordings(folder),
    bootId: await readBootId(),
  };
  if (names.length === 0) console.log(`There are no recordings in ${folder}.`);
  for (const name of names) {
    try {
      console.log(`${name}: ${await repairOne(tools, name)}`);
    } catch (error) {
      const { code, detail } = toProblem(error);
      const running = code === 'recording-running';
      console.error(`${name}: ${running ? 'is being recorded, and is left alone.' : detail}`);
      process.exitCode = 1;
    }
  }
}

async function repairOne(tools: RepairTools, name: string): Promise<string> {
  const { recordings } = tools;
  const repaired = await repairRecording(tools, name);
  const certificate = repaired ?? (await recordings.readOrMissing(name));
  if (certificate === 'foreign') return 'its certificate is of another version; left alone.';
  if (certificate === 'missing') return 'is no recording.';
  await completeHashes(tools, certificate, (file, sha256) =>
    recordings.addHash(name, file, sha256),
  );
  return repaired === null ? 'nothing to repair.' : summaryOf(repaired);
}

function summaryOf({ frames, stop, repair: done, files }: Certificate): string {
  const videos = files.filter(({ path }) => !path.endsWith('.csv'));
  const parts = [
    `repaired (${stop?.reason}): ${frames?.written ?? 0} frames in ${videos.length} segments`,
  ];
  for (const { file, tail, bytes } of done?.tails ?? []) {
    parts.push(`${bytes} bytes behind the last frame of ${file} are kept in ${tail}`);
  }
  for (const video of done?.unreadable ?? []) parts.push(`${video} has no whole frame`);
  if (done?.certificateLost === true) parts.push('its certificate was made from the logs');
  return `${parts.join('; ')}.`;
}

/** A folder is a recording where it has segments of its own name, or a certificate. */
async function recordingsAt(path: string): Promise<{ folder: string; names: string[] }> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new Problem('not-found', `${path} is no folder.`);
  const name = basename(path);
  const parent = new Recordings(dirname(path));
  const isRecording =
    (await parent.videos(name)).length > 0 ||
    (await stat(join(path, `${name}.json`)).catch(() => null)) !== null;
  if (isRecording) return { folder: parent.folder, names: [name] };
  return { folder: path, names: (await new Recordings(path).names()).sort() };
}
