import { Type } from '@sinclair/typebox';

/** What a person says of a recording: a few short words or figures, by name. */
export const MetadataSchema = Type.Unsafe<Record<string, string | number | boolean>>({
  type: 'object',
  propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_-]{0,31}$' },
  maxProperties: 32,
  additionalProperties: { type: ['string', 'number', 'boolean'], maxLength: 1000 },
});
