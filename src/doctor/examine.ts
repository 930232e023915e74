import { toProblem } from '../errors.js';
import { fail, type Check, type Finding } from './check.js';
import type { Machine } from './machine.js';

export interface Result extends Finding {
  id: string;
  title: string;
}

const usualLimitMs = 5000;

/**
 * Runs the checks one after the other, so that none disturbs another's figures, and tells of each
 * as it is done. One that throws or hangs is a failure like any other.
 */
export async function examine(
  machine: Machine,
  checks: readonly Check[],
  onResult: (result: Result) => void,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const check of checks) {
    const finding = await findingOf(check, machine);
    if (finding === null) continue;
    const result = { id: check.id, title: check.title, ...finding };
    results.push(result);
    onResult(result);
  }
  return results;
}

async function findingOf(check: Check, machine: Machine): Promise<Finding | null> {
  const limitMs = check.limitMs?.(machine) ?? usualLimitMs;
  let timer: NodeJS.Timeout | undefined;
  const cutOff = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(noAnswer(limitMs)), limitMs);
  });
  try {
    return await Promise.race([check.run(machine), cutOff]);
  } catch (error) {
    return fail(toProblem(error).detail, 'Report it: the doctor should know what to make of it.');
  } finally {
    clearTimeout(timer);
  }
}

function noAnswer(limitMs: number): Finding {
  return fail(
    `There was no answer within ${(limitMs / 1000).toFixed(0)} s.`,
    'Restart the machine. If it is so again, the device or its driver hangs: see "dmesg".',
  );
}
