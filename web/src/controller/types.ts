/** The controller's own types, so that there is one truth. Only types: none of its code is bundled. */
export type { Tile } from '../../../src/controller/wall/tile.js';
export type { Command, Outcome } from '../../../src/controller/commands/outcome.js';
export type { Run, Preflight } from '../../../src/controller/runs/shapes.js';
export type { FaultKind } from '../../../src/rehearsal/faults.js';
export type { RehearsalView } from '../../../src/http/routes/controller/rehearsal.js';
export type { Transfer, TransferItem } from '../../../src/controller/transfers/shapes.js';
export type { CommandName } from '../../../src/controller/commands/kinds.js';
export type { Difference } from '../../../src/controller/commands/differences.js';
export type { MonitorView } from '../../../src/controller/shapes.js';
