import { Type, type Static } from '@sinclair/typebox';
import { nullable, oneOf, wallUs } from '../../http/schemas/common.js';
import { RecordingsSchema } from '../shapes.js';

export const TransferItemSchema = Type.Object({
  monitor: Type.String({ description: 'Its id.' }),
  name: Type.String({ description: "The monitor's." }),
  recording: nullable(Type.String({ description: 'Null while its recordings are not known yet.' })),
  state: oneOf(['waiting', 'fetching', 'verifying', 'sending', 'done', 'failed', 'cancelled']),
  bytes: Type.Number({ description: 'Fetched.' }),
  sentBytes: Type.Number({ description: 'Sent on to the destination.' }),
  totalBytes: nullable(Type.Number()),
  detail: nullable(Type.String()),
  marked: Type.Boolean({ description: 'The monitor knows that there is a copy.' }),
});
export type TransferItem = Static<typeof TransferItemSchema>;

export const TransferSchema = Type.Object(
  {
    id: Type.String(),
    startedWallUs: wallUs,
    state: oneOf(['running', 'done', 'failed', 'cancelled'], 'failed: some items are.'),
    destination: nullable(Type.String()),
    recordings: nullable(RecordingsSchema),
    items: Type.Array(TransferItemSchema),
  },
  { $id: 'Transfer' },
);
export type Transfer = Static<typeof TransferSchema>;
