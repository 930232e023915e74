import { Type, type Static } from '@sinclair/typebox';
import { parseDuration } from '../config/duration.js';
import { validator } from '../config/validate.js';
import { Problem } from '../errors.js';
import { readJson } from '../system/json-file.js';
import { FaultBody, faultNames, type FaultWish } from './faults.js';

const time = Type.Unsafe<string | number>({
  type: ['string', 'number'],
  format: 'finite-duration',
});

/** What befalls which monitor when. */
export const PlanSchema = Type.Object(
  {
    /** After the last step it begins anew, so long after its beginning; without it, it is over. */
    repeatAfter: Type.Optional(time),
    steps: Type.Array(Type.Composite([FaultBody, Type.Object({ at: time })]), { maxItems: 10_000 }),
  },
  { additionalProperties: false },
);
export type Plan = Static<typeof PlanSchema>;

const checkPlan = validator(PlanSchema, 'The plan');

/** Throws what is wrong with the file. */
export async function readPlan(path: string): Promise<Plan> {
  const content = await readJson(path).catch((error: unknown) => {
    throw new Problem('malformed', `${path} cannot be read: ${String(error)}`);
  });
  if (content === null) throw new Problem('not-found', `There is no file ${path}.`);
  return checkPlan(content);
}

const betweenS = 15;
const lastsS = 40;

/** Every fault in turn, at monitors across the fleet; the first stays well, for copies are made of it. */
export function usualPlan(names: readonly string[]): Plan {
  const others = names.slice(1);
  const steps = faultNames.flatMap((fault, i) => {
    const monitor = others[(2 + 7 * i) % others.length];
    if (monitor === undefined) return [];
    return [{ at: `${betweenS * (i + 1)}s`, monitor, fault, for: `${lastsS}s` }];
  });
  return { repeatAfter: `${betweenS * (faultNames.length + 1) + lastsS}s`, steps };
}

/** Calls `play` for each step when it is due. Returns what ends that. */
export function follow({ steps, repeatAfter }: Plan, play: (wish: FaultWish) => void): () => void {
  let timers: NodeJS.Timeout[] = [];
  const begin = (): void => {
    timers = steps.map(({ at, ...wish }) => setTimeout(() => play(wish), parseDuration(at) ?? 0));
    if (repeatAfter === undefined) return;
    timers.push(setTimeout(begin, parseDuration(repeatAfter) ?? 0));
  };
  begin();
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
