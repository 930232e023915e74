/** A JSON object; what it holds is checked against a schema. */
export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 7396: objects merge, null removes, anything else replaces. Changes neither argument. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map(Object.entries(isJsonObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** `target` without what `patch` speaks of: the rest of a layer that a later word has replaced. */
export function withoutPatched(target: JsonObject, patch: JsonObject): JsonObject {
  const kept = Object.entries(target).flatMap(([key, value]): [string, unknown][] => {
    if (!Object.hasOwn(patch, key)) return [[key, value]];
    const inner = patch[key];
    if (isJsonObject(value) && isJsonObject(inner)) return [[key, withoutPatched(value, inner)]];
    return [];
  });
  return Object.fromEntries(kept);
}
