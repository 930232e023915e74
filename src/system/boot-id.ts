import { readFile } from 'node:fs/promises';

/**
 * Tells one start of the machine from another: the kernel makes it anew at each (proc(5),
 * /proc/sys/kernel/random). Null where it cannot be read.
 */
export async function readBootId(): Promise<string | null> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}
