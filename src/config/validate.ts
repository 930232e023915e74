import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Static, TSchema } from '@sinclair/typebox';
import { Problem } from '../errors.js';
import { annotationKeywords } from './annotations.js';
import { formats } from './formats.js';

const ajv = createAjv(false);
/** For query strings: `15` becomes 15 where a number is wanted. */
const coercingAjv = createAjv(true);

function createAjv(coerceTypes: boolean): Ajv {
  const instance = new Ajv({
    strict: true,
    strictTypes: true,
    allowUnionTypes: true,
    coerceTypes,
    verbose: true,
  });
  for (const keyword of annotationKeywords) instance.addKeyword(keyword);
  for (const [name, format] of Object.entries(formats)) instance.addFormat(name, format.accepts);
  return instance;
}

export interface Validator<S extends TSchema> {
  /** Returns the value typed, or throws `invalid-value` or `unknown-field` naming the field. */
  (value: unknown): Static<S>;
}

/** `what` names the whole where no field is at fault: "The body". */
export function validator<S extends TSchema>(schema: S, what: string): Validator<S> {
  return checked(ajv.compile<Static<S>>(schema), what);
}

/** As `validator`, for the strings of a query; it changes the object it is given. */
export function queryValidator<S extends TSchema>(schema: S): Validator<S> {
  return checked(coercingAjv.compile<Static<S>>(schema), 'The query');
}

function checked<T>(validate: ValidateFunction<T>, what: string) {
  return (value: unknown): T => {
    if (validate(value)) return value;
    const error = validate.errors?.[0];
    throw error === undefined ? new Problem('invalid-value', what) : problemOf(error, what);
  };
}

function problemOf(error: ErrorObject, what: string): Problem {
  const path = error.instancePath.split('/').slice(1);
  if (error.propertyName !== undefined) path.push(error.propertyName); // the name itself is wrong
  if (error.keyword === 'additionalProperties') {
    const { additionalProperty } = error.params as { additionalProperty: string };
    return unknownField([...path, additionalProperty], allowedIn(error));
  }
  if (error.keyword === 'required') {
    const { missingProperty } = error.params as { missingProperty: string };
    const field = [...path, missingProperty].join('.');
    return new Problem('invalid-value', `${field} is missing.`, field);
  }
  const field = path.length === 0 ? null : path.join('.');
  return new Problem('invalid-value', `${field ?? what} ${expectation(error)}`, field);
}

function allowedIn(error: ErrorObject): string[] {
  const parent = error.parentSchema as { properties?: object } | undefined;
  return Object.keys(parent?.properties ?? {});
}

export function unknownField(path: string[], allowed: string[]): Problem {
  const field = path.join('.').slice(0, 200);
  const here =
    allowed.length === 0 ? 'Nothing can be set here.' : `There are ${allowed.join(', ')}.`;
  return new Problem('unknown-field', `There is no field ${field}. ${here}`, field);
}

/** The rest of a sentence that begins with the field's name. */
function expectation(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'minimum':
    case 'maximum':
      return rangeOf(error);
    case 'multipleOf':
      return `must be a multiple of ${String(params['multipleOf'])}.`;
    case 'enum':
      return `must be one of ${(params['allowedValues'] as unknown[]).join(', ')}.`;
    case 'type':
      return `must be ${typeName(params['type'])}.`;
    case 'format':
      return `cannot be read. ${formats[String(params['format'])]?.remedy ?? ''}`.trim();
    case 'minLength':
      return 'must not be empty.';
    case 'maxLength':
      return `must have at most ${String(params['limit'])} characters.`;
    case 'maxItems':
      return `must have at most ${String(params['limit'])} entries.`;
    default:
      return `${error.message ?? 'is not allowed'}.`;
  }
}

function rangeOf(error: ErrorObject): string {
  const { minimum, maximum } = error.parentSchema as { minimum?: number; maximum?: number };
  if (minimum !== undefined && maximum !== undefined) {
    return `must be between ${minimum} and ${maximum}.`;
  }
  return minimum === undefined ? `must be at most ${maximum}.` : `must be at least ${minimum}.`;
}

function typeName(type: unknown): string {
  const names: Record<string, string> = {
    object: 'an object',
    array: 'a list',
    string: 'a text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
  };
  const types = Array.isArray(type) ? (type as unknown[]) : [type];
  return types.map((one) => names[String(one)] ?? String(one)).join(' or ');
}
