import { t } from './i18n';
import { sectionTitle } from './i18n/server';

/** The part of JSON Schema that the configuration uses, with the project's own words. */
export interface JsonSchema {
  type?: string;
  title?: string;
  description?: string;
  unit?: string;
  'x-applies'?: 'live' | 'next-recording' | 'restart';
  'x-remote'?: boolean;
  properties?: Record<string, JsonSchema>;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  default?: unknown;
}

export type FieldKind = 'boolean' | 'number' | 'text' | 'choice' | 'other';

/** A section of the configuration: by its path, such as `camera`, and as a person reads it. */
export interface FieldGroup {
  id: string;
  title: string;
}

/** One line of the settings form. */
export interface Field {
  /** Such as `camera.fps`: also the name by which the server complains of it. */
  path: string;
  group: FieldGroup;
  kind: FieldKind;
  schema: JsonSchema;
  choices: string[];
  restarts: boolean;
  /** A recording that runs goes on without it. */
  waits: boolean;
  /** False: the server refuses to have it set over the network. */
  settable: boolean;
}

/** All values of the configuration in the schema's order; those below no section come under one of their own. */
export function fieldsOf(schema: JsonSchema): Field[] {
  return walk(schema, '', { id: 'general', title: t.settings.general });
}

function walk(schema: JsonSchema, above: string, group: FieldGroup): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = above === '' ? name : `${above}.${name}`;
    if (property.properties) {
      const title = sectionTitle(path, property.title ?? name);
      return walk(property, path, { id: path, title });
    }
    const choices = choicesOf(property);
    return {
      path,
      group,
      kind: choices.length > 0 ? 'choice' : kindOf(property),
      schema: property,
      choices,
      restarts: property['x-applies'] === 'restart',
      waits: property['x-applies'] === 'next-recording',
      settable: property['x-remote'] !== false,
    };
  });
}

function choicesOf({ enum: values = [] }: JsonSchema): string[] {
  return values.filter((value) => typeof value === 'string');
}

function kindOf({ type }: JsonSchema): FieldKind {
  if (type === 'boolean') return 'boolean';
  if (type === 'integer' || type === 'number') return 'number';
  return type === 'string' ? 'text' : 'other';
}

export function valueAt(config: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null
          ? (value as Record<string, unknown>)[name]
          : undefined,
      config,
    );
}

/** `{'camera.fps': 25}` → `{camera: {fps: 25}}`: a JSON merge patch. */
export function mergePatch(changes: Record<string, unknown>): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split('.');
    const last = names.pop() ?? path;
    let target = patch;
    for (const name of names) target = (target[name] ??= {}) as Record<string, unknown>;
    target[last] = value;
  }
  return patch;
}
