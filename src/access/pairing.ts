import { hkdfSync } from 'node:crypto';
import { tokenOf } from './token.js';

/** What a controller and a monitor say to each other when they are paired, and what both know after it. */

/** Both sides' channel in CPace: another version would say other things. */
export const pairingChannel = 'pi-monitor pairing 1';

/** Whom a monitor is paired with, as it says. */
export interface PairingController {
  id: string;
  name: string;
}

/** The party's words about itself, as bytes that CPace binds. */
export function aboutController({ id, name }: PairingController): Buffer {
  return Buffer.from(JSON.stringify(['controller', id, name]));
}

export function aboutMonitor(id: string): Buffer {
  return Buffer.from(JSON.stringify(['monitor', id]));
}

/** Of the key that came of the exchange: what each shows the other, and the token both keep. */
export interface PairingOutcome {
  controllerProof: string;
  monitorProof: string;
  token: string;
}

export function outcomeOf(key: Buffer): PairingOutcome {
  const derive = (use: string): Buffer =>
    Buffer.from(hkdfSync('sha256', key, '', `${pairingChannel} ${use}`, 32));
  return {
    controllerProof: derive('controller').toString('base64url'),
    monitorProof: derive('monitor').toString('base64url'),
    token: tokenOf(derive('token')),
  };
}
