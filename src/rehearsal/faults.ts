import { Type, type Static } from '@sinclair/typebox';
import { nullable, oneOf, wallUs } from '../http/schemas/common.js';

/** What can befall a simulated monitor. */
export const faultNames = [
  'drops', // frames are lost at the sensor
  'stall', // the camera falls silent until its supervision starts it again
  'clock-jump', // its clock is a year ahead and nobody keeps it
  'full-disk',
  'dead-link', // connections open, but nothing comes through
  'slow', // each question takes three seconds to reach it
  'reboot', // off, and then back by itself
  'same-id', // its memory card is a copy of the first monitor's
] as const;
export type FaultKind = (typeof faultNames)[number];

export const FaultSchema = Type.Object({
  monitor: Type.String({ description: 'As it is called: cage01 …' }),
  fault: oneOf(faultNames),
  untilWallUs: nullable(wallUs),
});
/** One that goes on now. */
export type ActiveFault = Static<typeof FaultSchema>;

export const FaultBody = Type.Object(
  {
    monitor: Type.String({ minLength: 1, maxLength: 40 }),
    fault: oneOf(faultNames),
    for: Type.Unsafe<string | number>({
      type: ['string', 'number'],
      format: 'duration',
      minimum: 1,
      description: 'How long it lasts: 90s, 15m, inf.',
    }),
  },
  { additionalProperties: false },
);
export type FaultWish = Static<typeof FaultBody>;
