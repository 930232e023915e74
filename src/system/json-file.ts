import { readFile } from 'node:fs/promises';
import { writeAtomically } from './atomic-file.js';

/** The parsed file, or null where it does not exist. Text that is no JSON throws SyntaxError. */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
  return JSON.parse(text) as unknown;
}

export async function writeJson(path: string, value: unknown, mode?: number): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`, mode);
}
