import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from './server-process.js';
import { SlowViewer } from './slow-viewer.js';
import { percentile, table } from './stats.js';

const fps = 15;
const quickViewers = 99;

/**
 * 100 viewers at 640×360 and 15 fps for three times the asked seconds, one of them reading 50 kB/s:
 * how old its pictures are when their last byte arrives, and whether the server's memory stays flat.
 */
export async function benchSlowViewer(options: { seconds: number }): Promise<object> {
  const seconds = options.seconds * 3;
  const server = await ServerProcess.start(tmpdir());
  try {
    await server.call('PATCH', '/config', { preview: { width: 640, fps, quality: 75 } });
    const program = fileURLToPath(new URL('./viewers.js', import.meta.url));
    const quick = fork(program, [server.base, String(quickViewers), String(fps)], {
      serialization: 'advanced',
    });
    await once(quick, 'message');
    await server.call('POST', '/recording', {});
    const slow = new SlowViewer(server.base, fps);
    const memoryMb: number[] = [];
    for (let passed = 0; passed < seconds; passed++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      memoryMb.push(server.memory().nowMb);
    }
    slow.close();
    quick.kill();
    const losses = await server.endRecording();
    const ages = slow.agesMs;
    const [early, late] = [memoryMb.slice(5, 15), memoryMb.slice(-10)];
    const result = {
      seconds,
      pictures: ages.length,
      ageMs: { p50: percentile(ages, 0.5), p99: percentile(ages, 0.99), max: Math.max(...ages) },
      memoryMb: { early: percentile(early, 0.5), late: percentile(late, 0.5) },
      losses,
    };
    console.log(`100 viewers, one of them reading 50 kB/s, ${String(seconds)} s:`);
    console.log(
      table([
        ['pictures', 'age p50 ms', 'p99', 'max', 'memory early MB', 'late', 'frames lost'],
        [
          String(result.pictures),
          result.ageMs.p50.toFixed(0),
          result.ageMs.p99.toFixed(0),
          result.ageMs.max.toFixed(0),
          result.memoryMb.early.toFixed(0),
          result.memoryMb.late.toFixed(0),
          String(losses.sensor + losses.source + losses.encoder + losses.writer),
        ],
      ]),
    );
    return result;
  } finally {
    await server.stop();
  }
}
