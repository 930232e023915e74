import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const run = promisify(execFile);
const patienceMs = 10_000;

/** The ffmpeg that converts. */
export interface Ffmpeg {
  program: string;
  /** As it says: `5.1.9-0+deb12u1`. */
  version: string;
  /** Where it is from: the environment's FFMPEG_BIN, the package, or the system. */
  origin: 'FFMPEG_BIN' | 'ffmpeg-static' | 'system';
  /** Whether it can encode H.264: without that it can only join. */
  encodes: boolean;
}

/** The first that works: `$FFMPEG_BIN`, the package ffmpeg-static, `ffmpeg` on the path; or null. */
export async function findFfmpeg(): Promise<Ffmpeg | null> {
  const candidates: [Ffmpeg['origin'], string | null][] = [
    ['FFMPEG_BIN', process.env['FFMPEG_BIN'] ?? null],
    ['ffmpeg-static', await staticFfmpeg()],
    ['system', 'ffmpeg'],
  ];
  for (const [origin, program] of candidates) {
    const found = program === null ? null : await examine(origin, program);
    if (found !== null) return found;
  }
  return null;
}

/** The package is optional, and so is the program it downloads when it is installed. */
async function staticFfmpeg(): Promise<string | null> {
  try {
    const path = createRequire(import.meta.url)('ffmpeg-static') as unknown;
    if (typeof path !== 'string') return null;
    await access(path, constants.X_OK);
    return path;
  } catch {
    return null;
  }
}

async function examine(origin: Ffmpeg['origin'], program: string): Promise<Ffmpeg | null> {
  try {
    const { stdout } = await run(program, ['-version'], { timeout: patienceMs });
    const encoders = await run(program, ['-hide_banner', '-encoders'], { timeout: patienceMs });
    const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'unknown';
    return { program, version, origin, encodes: / libx264 /.test(encoders.stdout) };
  } catch {
    return null;
  }
}
