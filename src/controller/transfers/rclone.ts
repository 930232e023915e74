import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Problem } from '../../errors.js';

export interface Destination {
  /** As rclone writes it: `lab:videos`, or `:sftp,host=store:videos`. */
  remote: string;
  /** rclone's own configuration file; without it: the user's. */
  rcloneConfig?: string;
}

/**
 * Copies a folder below a destination by rclone, and lets rclone compare what is there with what was
 * sent. Throws `upload-failed` with rclone's last words.
 */
export async function sendFolder(
  folder: string,
  below: string,
  { remote, rcloneConfig }: Destination,
  signal: AbortSignal,
): Promise<void> {
  const config = rcloneConfig === undefined ? [] : ['--config', rcloneConfig];
  const to = `${remote}${remote.endsWith(':') || remote.endsWith('/') ? '' : '/'}${below}`;
  const quiet = ['--stats', '0', '--exclude', '*.part', '--exclude', '*.tmp-*'];
  await rclone(['copy', folder, to, '--checksum', ...quiet, ...config], signal);
  await rclone(['check', folder, to, '--one-way', ...quiet, ...config], signal);
}

/** rclone is a program of its own: without a shell, so that no name can become a command. */
function rclone(args: string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('rclone', args, { stdio: ['ignore', 'ignore', 'pipe'], signal });
    let last = '';
    createInterface({ input: child.stderr }).on('line', (line) => (last = line || last));
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT';
      reject(failure(missing ? 'rclone is not installed on the controller' : error.message));
    });
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(failure(last === '' ? `rclone ended with ${code}` : last));
    });
  });
}

function failure(why: string): Problem {
  return new Problem('upload-failed', `${why.slice(0, 500)}.`);
}
