import { createHash, randomBytes } from 'node:crypto';
import type { Role } from './role.js';

/** A token as it is kept. */
export interface KeptToken {
  id: string;
  label: string;
  role: Role;
  createdWallUs: number;
  /** The id of the controller it was agreed with by pairing; without it, a person has made it. */
  controller?: string;
  /**
   * SHA-256 in base64url; 256 random bits need no slower hash. Who reads it can sign as its owner does,
   * as can who reads the key of sessions beside it.
   */
  hash: string;
}

/** Tells a token from other secrets, for people and for scanners of leaked ones. */
const prefix = 'pim_';
export const tokenPattern = `^${prefix}[A-Za-z0-9_-]{43}$`;

/** A new token; `secret` is told once. */
export function makeToken(
  label: string,
  role: Role,
  createdWallUs: number,
): { secret: string; kept: KeptToken } {
  const secret = tokenOf(randomBytes(32));
  return { secret, kept: keptToken(secret, label, role, createdWallUs) };
}

/** The token that 32 bytes stand for. */
export function tokenOf(bytes: Uint8Array): string {
  return prefix + Buffer.from(bytes).toString('base64url');
}

export function keptToken(
  secret: string,
  label: string,
  role: Role,
  createdWallUs: number,
): KeptToken {
  const id = randomBytes(4).toString('hex');
  return { id, label, role, createdWallUs, hash: tokenHash(secret) };
}

/** Looked up by the hash, so that comparing takes as long for every wrong one. */
export function tokenHash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
