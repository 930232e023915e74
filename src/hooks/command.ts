import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Behind everything that belongs to recording. */
const niceness = '10';
/** From being asked to end to being ended. */
export const graceMs = 2000;
const lookEveryMs = 20;
/** What was said last is read for so long after the end; a child of its own may hold the pipe. */
const lastWordsMs = 100;
const mostWords = 300;

/**
 * Runs a program without a shell, in a process group of its own, with no file descriptor of ours.
 * Rejects with why it failed. When `signal` aborts, the whole group is ended, and killed if need be;
 * this settles once that is done.
 */
export async function runCommand(
  command: string[],
  environment: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { PATH, HOME, LANG, TZ } = process.env;
  const child = spawn('nice', ['-n', niceness, ...command], {
    cwd: '/', // it must not keep a disk from being unmounted
    env: { ...defined({ PATH, HOME, LANG, TZ }), ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let words = '';
  child.stderr.on(
    'data',
    (chunk: Buffer) => (words = (words + chunk.toString()).slice(-mostWords)),
  );
  const closed = once(child, 'close').catch(() => undefined); // `exit` rejects with the same error
  let ending = Promise.resolve();
  const end = (): void => void (ending = endGroup(child));
  signal.addEventListener('abort', end, { once: true });
  try {
    const [code, killedBy] = (await once(child, 'exit')) as [number | null, string | null];
    await Promise.race([closed, delay(lastWordsMs)]);
    signal.throwIfAborted();
    if (code === 0) return;
    const how = code === null ? `it was ended by ${killedBy}` : `it ended with ${code}`;
    throw new Error(words.trim() === '' ? how : `${how}: ${words.trim()}`);
  } finally {
    signal.removeEventListener('abort', end);
    child.stderr.destroy();
    await ending; // a child of its own may have stayed behind
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  const deadline = performance.now() + graceMs;
  let left = signalGroup(child, 'SIGTERM');
  while (left && performance.now() < deadline) {
    await delay(lookEveryMs);
    left = signalGroup(child, 0);
  }
  if (left) signalGroup(child, 'SIGKILL');
}

/** Whether somebody of the group is left who can be signalled; signal 0 only asks. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function defined(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
