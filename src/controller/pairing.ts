import { randomBytes } from 'node:crypto';
import { Cpace } from '../access/cpace.js';
import { isSame } from '../access/link-key.js';
import {
  aboutController,
  aboutMonitor,
  outcomeOf,
  pairingChannel,
  type PairingController,
} from '../access/pairing.js';
import { isJsonObject } from '../config/merge-patch.js';
import { Problem } from '../errors.js';
import { readAnswer } from './api-answer.js';
import type { ApiCaller } from './api-caller.js';
import { unproved } from './proven-session.js';

/** Not only the network's time: a small board computes for a part of a second. */
const patienceMs = 10_000;

/**
 * Pairs with the monitor that shows this code: which monitor that was, and the token both know from now on.
 * Throws `code-wrong`, `not-pairing`, `unreachable`, or `unproved` where the other side made it up.
 */
export async function pairWith(
  http: ApiCaller,
  code: string,
  controller: PairingController,
): Promise<{ id: string; token: string }> {
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const route = { method: 'POST', path: `/api/v1/pairing/${path}` } as const;
    const answer = readAnswer(await http.ask({ ...route, body, timeoutMs: patienceMs }));
    return isJsonObject(answer) ? answer : {};
  };
  const session = randomBytes(16).toString('base64url');
  const side = new Cpace(code, pairingChannel, Buffer.from(session, 'base64url'));
  const mine = Buffer.from(side.share).toString('base64url');
  const { share, id } = await post('exchange', { session, share: mine, controller });
  if (typeof share !== 'string' || typeof id !== 'string' || id === '') {
    throw new Problem('unreachable', `What answers at ${http.address} pairs with nobody.`);
  }
  const { controllerProof, monitorProof, token } = outcomeOf(
    keyOf(side, aboutController(controller), share, id, http.address),
  );
  const { proof } = await post('confirm', { session, proof: controllerProof });
  if (typeof proof === 'string' && isSame(proof, monitorProof)) return { id, token };
  throw unproved(http.address, 'did not have the code');
}

function keyOf(side: Cpace, mine: Buffer, share: string, id: string, address: string): Buffer {
  try {
    const theirs = { share: Buffer.from(share, 'base64url'), about: aboutMonitor(id) };
    return side.key('initiator', mine, theirs);
  } catch {
    throw unproved(address, 'gave no share of a key');
  }
}
