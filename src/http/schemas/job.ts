import { Type } from '@sinclair/typebox';
import { conversionKinds } from '../../media/conversion.js';
import { nullable, oneOf, ProblemSchema, wallUs } from './common.js';

/** A conversion with every option settled. */
export const ConversionSchema = Type.Object({ kind: oneOf(conversionKinds) });

export const JobSchema = Type.Object(
  {
    id: Type.String(),
    kind: oneOf(conversionKinds),
    recording: Type.String(),
    conversion: ConversionSchema,
    state: oneOf(['queued', 'running', 'done', 'failed', 'cancelled'] as const),
    progress: Type.Number({ description: '0 to 1.' }),
    output: nullable(Type.String({ description: 'The file it has made, in the recording.' })),
    error: nullable(ProblemSchema),
    createdWallUs: wallUs,
  },
  { $id: 'Job', description: 'A conversion of a recording.' },
);
