import type { FaultKind } from './faults.js';

/** What the process of the simulated monitors is started with. */
export interface Task {
  names: string[];
  /** It is removed at the end. */
  folder: string;
  fps: number;
}

/** To that process. */
export type Order = { begin: { monitor: string; fault: FaultKind } } | { end: { monitor: string } };

/** From it: all of them serve, at these addresses, in the order of the names. */
export interface Ready {
  addresses: string[];
}
