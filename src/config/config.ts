import type { Static, TSchema } from '@sinclair/typebox';
import { Problem } from '../errors.js';
import { isJsonObject, mergePatch, type JsonObject } from './merge-patch.js';
import { ConfigSchema, type Config } from './schema.js';
import { unknownField, validator } from './validate.js';

/** Of the configuration, some fields; what the file holds and what a PATCH brings. */
export type ConfigPatch = JsonObject;

/** The whole configuration: the defaults, under each layer in turn. Throws naming the field. */
export const resolveConfig = layered(ConfigSchema, 'The configuration');

/** As `resolveConfig`, for any schema whose fields have defaults. `what` names the whole in a sentence. */
export function layered<S extends TSchema>(
  schema: S,
  what: string,
): (...layers: ConfigPatch[]) => Static<S> {
  const validate = validator(schema, what);
  return (...layers) => validate(layers.reduce<unknown>(mergePatch, defaultsOf(schema)));
}

function defaultsOf(schema: SchemaNode): unknown {
  if (schema.properties === undefined) return structuredClone(schema.default);
  return Object.fromEntries(
    Object.entries(schema.properties).map(([key, field]) => [key, defaultsOf(field)]),
  );
}

/** Refuses fields that do not exist and, from the network, those that only the file may set. */
export function checkRemotePatch(patch: ConfigPatch): void {
  walk(patch, ConfigSchema, []);
}

interface SchemaNode extends TSchema {
  properties?: Record<string, SchemaNode>;
  'x-remote'?: false;
}

function walk(patch: JsonObject, schema: SchemaNode, path: string[]): void {
  for (const [key, value] of Object.entries(patch)) {
    const properties = schema.properties ?? {};
    const here = [...path, key];
    const field = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (field === undefined) throw unknownField(here, Object.keys(properties));
    if (field['x-remote'] === false) throw notRemotely(here);
    if (field.properties === undefined) continue;
    if (isJsonObject(value)) walk(value, field, here);
    else if (Object.values(field.properties).some((inner) => inner['x-remote'] === false)) {
      throw notRemotely(here); // null would reset the whole section
    }
  }
}

/**
 * The configuration as the API shows it: what only the file sets is a matter of this machine, so
 * free texts of it are masked; that something is set, and how many, can be seen.
 */
export function maskedConfig(config: Config): Config {
  return masked(config, ConfigSchema) as Config;
}

function masked(value: unknown, schema: SchemaNode): unknown {
  if (schema['x-remote'] === false && schema['enum'] === undefined) {
    if (Array.isArray(value)) return value.map(() => '…');
    return typeof value === 'string' ? '…' : value;
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const field = schema.properties?.[key];
      return [key, field === undefined ? inner : masked(inner, field)];
    }),
  );
}

/** What the network may set, without the rest: a patch that brings it back. */
export function settableConfig(config: Config): ConfigPatch {
  return settable(config, ConfigSchema);
}

function settable(value: JsonObject, schema: SchemaNode): JsonObject {
  const kept = Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const inner = value[key];
    if (field['x-remote'] === false) return [];
    return [[key, isJsonObject(inner) ? settable(inner, field) : inner] as const];
  });
  return Object.fromEntries(kept);
}

function notRemotely(path: string[]): Problem {
  const field = path.join('.');
  return new Problem(
    'not-settable-remotely',
    `${field} is set in the configuration file or on the command line only.`,
    field,
  );
}

/** Whether the camera must restart to go from one configuration to the other, and for which field. */
export function fieldNeedingRestart(before: Config, after: Config): string | null {
  const camera = ConfigSchema.properties.camera.properties;
  for (const key of Object.keys(camera) as (keyof Config['camera'])[]) {
    if (before.camera[key] !== after.camera[key]) return `camera.${key}`;
  }
  return null;
}
