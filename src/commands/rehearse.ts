import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControllerOptions } from '../controller/settings.js';
import type { Logger } from '../log.js';
import { follow, readPlan, usualPlan } from '../rehearsal/plan.js';
import { Rehearsal } from '../rehearsal/rehearsal.js';
import { writeJson } from '../system/json-file.js';

export interface Rehearsed {
  rehearsal: Rehearsal;
  /** For a controller that knows these monitors and no others, and keeps nothing. */
  options: ControllerOptions;
  endPlan: () => void;
}

/** Starts simulated monitors, and lets befall them what the plan says. Throws what is wrong with it. */
export async function rehearse(
  options: ControllerOptions & { rehearse?: number; faults?: string },
  log: Logger,
): Promise<Rehearsed> {
  const { port, host, rehearse: count = 1, faults } = options;
  const given = faults === undefined || faults === 'none' ? null : await readPlan(faults);
  log.info({ monitors: count }, 'Starting simulated monitors.');
  const rehearsal = await Rehearsal.start(count);
  const { folder, pid } = rehearsal;
  log.info({ folder, pid }, 'Simulated monitors serve.');
  const data = join(folder, 'controller');
  await mkdir(data);
  const settings = { monitors: rehearsal.addresses, discovery: false };
  await writeJson(join(data, 'controller.json'), settings);
  const plan = given ?? (faults === 'none' ? { steps: [] } : usualPlan(rehearsal.names));
  const endPlan = follow(plan, (wish) => {
    try {
      log.info(rehearsal.play(wish), 'Rehearsal: a fault.');
    } catch (error) {
      log.warn({ err: error }, 'The plan asks for what cannot be.');
    }
  });
  return {
    rehearsal,
    options: { data, ...(port !== undefined && { port }), ...(host !== undefined && { host }) },
    endPlan,
  };
}
