import { writeFile } from 'node:fs/promises';
import { toProblem } from '../../errors.js';
import type { MadeFile, Task, WorkerMessage } from '../tasks.js';
import { convert } from './convert.js';

/**
 * The program that does the heavy work: a niced process for each task, which leads a process group
 * with the ffmpeg it starts. It is told its task over the channel it was started with, and answers there.
 */

process.once('message', (task: Task) => void work(task));
// Without the server nobody wants the result. This ends ffmpeg, too.
process.once('disconnect', () => process.kill(-process.pid, 'SIGKILL'));

async function work(task: Task): Promise<void> {
  // Where memory is short this is to be ended, not what records. Not every system lets one say so.
  await writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined);
  try {
    end({ made: await made(task) });
  } catch (error) {
    const { code, detail } = toProblem(error);
    end({ problem: { code, detail } });
  }
}

async function made(task: Task): Promise<MadeFile[]> {
  if (task.type === 'convert') return convert(task, progressTeller());
  const { makeThumbnail } = await import('./thumbnail.js'); // sharp is loaded for this only
  await makeThumbnail(task);
  return [];
}

/** Tells the progress in steps that one can see. */
function progressTeller(): (done: number) => void {
  let told = 0;
  return (done) => {
    const progress = Math.min(0.999, Math.floor(done * 1000) / 1000);
    if (progress > told) tell({ progress: (told = progress) });
  };
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}

function end(message: WorkerMessage): void {
  process.send?.(message, () => process.exit());
}
