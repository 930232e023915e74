import { fork, type ChildProcess } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Problem } from '../errors.js';
import type { MadeFile, Task, WorkerMessage } from './tasks.js';

const program = fileURLToPath(new URL('./worker/main.js', import.meta.url));
/** After the kill; a process that waits for a dead disk cannot end at all. */
const endPatienceMs = 5000;
const keptComplaint = 2000;

/** A process of its own for one task, behind everything else the machine does. */
export class WorkerProcess {
  /** Rejects with what the worker says, or `conversion-failed` where it died. */
  readonly result: Promise<MadeFile[]>;
  /** Whether nothing of it runs any more. */
  isGone = false;
  private readonly ended: Promise<void>;

  private constructor(
    private readonly child: ChildProcess,
    onProgress: (done: number) => void,
  ) {
    this.ended = new Promise((resolve) => {
      child.once('error', () => resolve());
      child.once('close', () => resolve());
    });
    void this.ended.then(() => (this.isGone = true));
    this.result = resultOf(child, this.ended, onProgress);
  }

  static async start(task: Task, onProgress: (done: number) => void): Promise<WorkerProcess> {
    const [first = process.execPath, ...rest] = await niced(process.execPath);
    // What the server's own node was asked for, such as a debugger's port, is not for the worker.
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = fork(program, [], {
      execPath: first,
      execArgv: rest,
      detached: true, // it leads a process group, so that one signal ends ffmpeg with it
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const worker = new WorkerProcess(child, onProgress);
    child.send(task, () => undefined); // one that did not start says so by its end
    return worker;
  }

  /** Ends it with all it has started; resolves once it is gone, or seems never to go. */
  async kill(): Promise<void> {
    const { pid } = this.child;
    if (pid !== undefined && this.child.exitCode === null) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // it has just ended
      }
    }
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, endPatienceMs)));
    await Promise.race([this.ended, patience]).finally(() => clearTimeout(timer));
  }
}

async function resultOf(
  child: ChildProcess,
  ended: Promise<void>,
  onProgress: (done: number) => void,
): Promise<MadeFile[]> {
  let last: WorkerMessage | null = null;
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-keptComplaint);
  });
  child.on('message', (message: WorkerMessage) => {
    if ('progress' in message) onProgress(message.progress);
    else last = message;
  });
  await ended;
  return settle(last, complaint);
}

function settle(last: WorkerMessage | null, complaint: string): MadeFile[] {
  if (last !== null && 'made' in last) return last.made;
  if (last !== null && 'problem' in last) throw new Problem(last.problem.code, last.problem.detail);
  const why = complaint.trim() || 'it may have been ended because memory was short.';
  throw new Problem('conversion-failed', `The converting process died: ${why}`);
}

let wrapper: Promise<string[]> | null = null;

/** The command with as little claim to processor and disk as can be had. */
async function niced(command: string): Promise<string[]> {
  wrapper ??= onPath('ionice').then((has) => [
    ...['nice', '-n', '19'],
    ...(has ? ['ionice', '-c', '3'] : []),
  ]);
  return [...(await wrapper), command];
}

async function onPath(name: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
