import { Type, type Static } from '@sinclair/typebox';
import { isJsonObject, type JsonObject } from '../../config/merge-patch.js';
import { toProblem } from '../../errors.js';
import { nullable, ProblemSchema } from '../../http/schemas/common.js';
import type { Member } from '../member.js';

export const DifferenceSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  changes: Type.Array(
    Type.Object({ field: Type.String(), from: Type.Unknown(), to: Type.Unknown() }),
  ),
  problem: nullable(ProblemSchema),
});
type Difference = Static<typeof DifferenceSchema>;

const patienceMs = 5000;

/** What pushing these settings would change at each monitor; nothing is changed. */
export function differences(members: Member[], settings: JsonObject): Promise<Difference[]> {
  return Promise.all(
    members.map(async (member) => {
      const { id, name } = member;
      const call = { method: 'GET', path: '/api/v1/config', timeoutMs: patienceMs } as const;
      try {
        const config = await member.http.json<JsonObject>(call);
        return { id, name, changes: changesOf(config, settings, []), problem: null };
      } catch (error) {
        return { id, name, changes: [], problem: toProblem(error).toJSON() };
      }
    }),
  );
}

function changesOf(config: unknown, settings: JsonObject, path: string[]): Difference['changes'] {
  return Object.entries(settings).flatMap(([key, to]) => {
    const from = isJsonObject(config) ? config[key] : undefined;
    const here = [...path, key];
    if (isJsonObject(to)) return changesOf(from, to, here);
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    return [{ field: here.join('.'), from: from ?? null, to }];
  });
}
