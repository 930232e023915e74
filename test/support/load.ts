import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface LoadWish {
  port: number;
  viewers: number;
  /** So many of them read 20 kB/s. */
  slowViewers: number;
  /** The path of a large file. */
  download: string;
  /** The recording that is converted, over and over. */
  convert: string;
  loadsPerSecond: number;
}

/** What all of them have had. */
export interface LoadSeen {
  pictures: number;
  slowPictures: number;
  /** In bytes. */
  downloaded: number;
  /** Pages. */
  loads: number;
  /** Those that are done; one more is under way. */
  conversions: number;
}

export interface Load {
  seen: () => Promise<LoadSeen>;
  stop: () => Promise<void>;
}

/** Everything at once that a monitor must put behind its recording, from a process of its own. */
export function startLoad(wish: LoadWish): Load {
  const program = fileURLToPath(new URL('./load-program.js', import.meta.url));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = fork(program, [JSON.stringify(wish)], { env });
  const ended = once(child, 'exit');
  return {
    seen: async () => {
      const answered = once(child, 'message');
      child.send('read');
      const failed = ended.then(() => Promise.reject(new Error('The load has failed.')));
      const [seen] = (await Promise.race([answered, failed])) as [LoadSeen];
      return seen;
    },
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A recording with a video that is only large. Its path for a download is returned. */
export async function layLargeRecording(recordings: string, bytes: number): Promise<string> {
  const name = 'large';
  const path = `${name}_0000.mp4`;
  const folder = join(recordings, name);
  await mkdir(folder, { recursive: true });
  const file = await open(join(folder, path), 'wx');
  await file.truncate(bytes);
  await file.close();
  const instant = { wallUs: 1, sensorNs: 1 };
  // As much of one as a download needs.
  const certificate = {
    version: 1,
    name,
    verdict: 'complete',
    repaired: false,
    start: { ...instant, by: 'api' },
    stop: { ...instant, reason: 'requested' },
    files: [{ path, bytes, frames: 1, firstFrame: 0, sha256: null }],
  };
  await writeFile(join(folder, `${name}.json`), JSON.stringify(certificate));
  return `/api/v1/files/${name}/${path}`;
}
