import { Type, type Static } from '@sinclair/typebox';
import { isJsonObject, type JsonObject } from '../../config/merge-patch.js';
import { toProblem } from '../../errors.js';
import { nullable, ProblemSchema } from '../../http/schemas/common.js';
import type { Preset } from '../../monitor/presets.js';
import type { ControlInfo } from '../../native.js';
import type { Member } from '../member.js';

const anything = Type.Record(Type.String(), Type.Unknown());

/** What is to be pushed: as the commands `settings`, `controls` and `preset` take it. */
export const PushSchema = Type.Object(
  {
    settings: Type.Optional(anything),
    controls: Type.Optional(anything),
    preset: Type.Optional(Type.String({ description: 'The name they would be kept under.' })),
  },
  { additionalProperties: false },
);
type Push = Static<typeof PushSchema>;

export const DifferenceSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  changes: Type.Array(
    Type.Object({ field: Type.String(), from: Type.Unknown(), to: Type.Unknown() }),
  ),
  skipped: Type.Array(Type.String({ description: 'A control that its camera does not have.' })),
  problem: nullable(ProblemSchema),
});
export type Difference = Static<typeof DifferenceSchema>;
type Changes = Difference['changes'];

const patienceMs = 5000;

/** What pushing these would change at each monitor; nothing is changed. */
export function differences(members: Member[], push: Push): Promise<Difference[]> {
  return Promise.all(
    members.map(async (member) => {
      const { id, name, refusal } = member;
      try {
        if (member.conflict && refusal !== null) throw refusal;
        return { id, name, ...(await differenceAt(member, push)), problem: null };
      } catch (error) {
        return { id, name, changes: [], skipped: [], problem: toProblem(error).toJSON() };
      }
    }),
  );
}

async function differenceAt(
  member: Member,
  { settings = {}, controls = {}, preset }: Push,
): Promise<Pick<Difference, 'changes' | 'skipped'>> {
  const get = <T>(path: string): Promise<T> =>
    member.json<T>({ method: 'GET', path: `/api/v1/${path}`, timeoutMs: patienceMs });
  const config = await get<JsonObject>('config');
  const offered =
    Object.keys(controls).length === 0
      ? []
      : (await get<{ items: ControlInfo[] }>('controls')).items;
  const present = new Map(offered.map(({ id, value }) => [id, value]));
  const wanted = Object.entries(controls);
  const replaced = preset === undefined ? [] : (await get<{ items: Preset[] }>('presets')).items;
  return {
    changes: [
      ...changesOf(config, settings, []),
      ...wanted.flatMap(([id, to]) =>
        present.has(id) ? change(`controls.${id}`, present.get(id), to) : [],
      ),
      ...replaced
        .filter(({ name }) => name === preset)
        .flatMap(({ name, config: had, controls: hadControls }) =>
          change(
            `presets.${name}`,
            { settings: had, controls: hadControls },
            { settings, controls },
          ),
        ),
    ],
    skipped: wanted.map(([id]) => id).filter((id) => !present.has(id)),
  };
}

function changesOf(config: unknown, settings: JsonObject, path: string[]): Changes {
  return Object.entries(settings).flatMap(([key, to]) => {
    const from = isJsonObject(config) ? config[key] : undefined;
    const here = [...path, key];
    return isJsonObject(to) ? changesOf(from, to, here) : change(here.join('.'), from, to);
  });
}

function change(field: string, from: unknown, to: unknown): Changes {
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ field, from: from ?? null, to }];
}
