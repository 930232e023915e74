import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { isJsonObject } from '../../config/merge-patch.js';
import { Problem } from '../../errors.js';

export interface Destination {
  /** As rclone writes it: `lab:videos`, or `:sftp,host=store:videos`. */
  remote: string;
  /** rclone's own configuration file; without it: the user's. */
  rcloneConfig?: string;
}

export interface Sending {
  folder: string;
  /** Where it goes to below the destination. */
  below: string;
  destination: Destination;
  /** 0: as fast as it goes. */
  bytesPerSecond: number;
  signal: AbortSignal;
  onBytes: (sent: number) => void;
}

/** rclone's code for a folder that is not there (its manual, "Exit Code"). */
const noSuchFolder = 3;

/**
 * Copies a folder below a destination by rclone, into a folder of its own beside its place; only what is
 * whole is moved there, and no video or log that lies there already is ever replaced. Then rclone
 * compares what is there with what was sent. Throws `upload-failed` with rclone's last words.
 */
export async function sendFolder(sending: Sending): Promise<void> {
  const { folder, below, destination, bytesPerSecond, onBytes } = sending;
  const { remote, rcloneConfig } = destination;
  const place = `${remote}${remote.endsWith(':') || remote.endsWith('/') ? '' : '/'}${below}`;
  const part = `${place}.part`;
  const config = rcloneConfig === undefined ? [] : ['--config', rcloneConfig];
  const run = (...args: string[]): Promise<number> => {
    const sent = args[0] === 'copy' ? onBytes : () => undefined;
    return rclone([...args, '--checksum', ...config], sending.signal, sent);
  };
  const own = ['--exclude', '*.part', '--exclude', '*.tmp-*'];
  // 0 is also rclone's word for no limit.
  const limit = ['--bwlimit', `${Math.ceil(bytesPerSecond / 1024)}K`];
  await run('copy', folder, part, '--compare-dest', place, ...own, ...limit);
  await run('move', part, place, '--immutable', '--exclude', '*.json');
  // The certificate may tell more than one sent before: of notes, or of the copies there are.
  await run('move', part, place);
  await run('rmdirs', part);
  const checked = await run('check', folder, place, '--one-way', ...own);
  if (checked === noSuchFolder) throw failure('it is gone from the destination');
}

/**
 * rclone is a program of its own: without a shell, so that no name can become a command. Resolves with
 * 0, or with its code for a folder that is not there: nothing was left to be moved from it.
 */
function rclone(
  args: string[],
  signal: AbortSignal,
  onBytes: (sent: number) => void,
): Promise<number> {
  const telling = ['--use-json-log', '--stats', '1s', '--stats-log-level', 'NOTICE'];
  return new Promise((resolve, reject) => {
    const options = { stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'], signal };
    const child = spawn('rclone', [...args, ...telling], options);
    let last = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      const { stats, level, msg } = parsed(line);
      if (isJsonObject(stats) && typeof stats['bytes'] === 'number') onBytes(stats['bytes']);
      else if (level !== 'warning' && typeof msg === 'string') last = msg;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT';
      reject(failure(missing ? 'rclone is not installed on the controller' : error.message));
    });
    child.on('close', (code) => {
      if (code === 0 || code === noSuchFolder) resolve(code);
      else reject(failure(last === '' ? `rclone ended with ${code}` : last));
    });
  });
}

function parsed(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : {};
  } catch {
    return { msg: line };
  }
}

function failure(why: string): Problem {
  const words = why.includes('immutable')
    ? 'Other files of the same names are at the destination, and are left as they are'
    : why;
  return new Problem('upload-failed', `${words.slice(0, 500)}.`);
}
