import { execFile, type ExecFileException } from 'node:child_process';
import { Problem } from '../errors.js';

const patienceMs = 10_000;

/** What commands say that are kept from what was asked: of systemd, polkit, and the kernel. */
const refusal = /permi(tted|ssion)|denied|authenticat|authoriz|not allowed/i;

/** What systemctl says where systemd does not run. */
const absence = /not been booted|not connected|failed to connect/i;

/**
 * Runs a command of this machine, found on PATH, without a shell. Throws `not-available` where there
 * is none, `not-permitted` where the service may not do that, `internal` with what it said else.
 */
export function runCommand(name: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, LC_ALL: 'C' };
  return new Promise((resolve, reject) => {
    execFile(name, args, { timeout: patienceMs, env }, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(problemOf(name, error, stderr.trim()));
    });
  });
}

function problemOf(name: string, error: ExecFileException, said: string): Problem {
  if (error.code === 'ENOENT') {
    return new Problem('not-available', `This machine has no ${name}.`);
  }
  if (absence.test(said)) return new Problem('not-available', `${name} says: ${said}`);
  if (error.code === 'EACCES' || refusal.test(said)) {
    const detail = `The service may not run ${name}: ${said || 'permission denied'}`;
    return new Problem('not-permitted', detail, null, { cause: error });
  }
  const why = said || error.message;
  return new Problem('internal', `${name} has failed: ${why}`, null, { cause: error });
}
