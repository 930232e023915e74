import { createHmac, timingSafeEqual } from 'node:crypto';
import { roles, type Role } from './role.js';

/** How long a browser stays signed in. */
export const sessionMs = 7 * 86_400_000;

/** A time that nobody sets: since the machine was started, and which start that was. */
export interface BootTime {
  boot: string;
  ms: number;
}

/**
 * What a browser shows after it has signed in: `role.expiry.signature`. Nothing is kept of it: the
 * key lies with the secrets, and the password's hash is part of what is signed, so that a new
 * password ends the sessions of the old one, and a restart of the program ends none. One of the machine
 * does: how long it was off only a clock could tell that may be wrong at power-up, and be set by a phone.
 */
export function signSession(role: Role, passwordHash: string, key: string, now: BootTime): string {
  const head = `${role}.${now.ms + sessionMs}`;
  return `${head}.${signature(head, now.boot, passwordHash, key)}`;
}

/** The role, or null where it is none of ours or has ended. `hashOf`: of a role's password now. */
export function readSession(
  text: string,
  hashOf: (role: Role) => string | null,
  key: string,
  now: BootTime,
): Role | null {
  const [name, expiry = '', given = ''] = text.split('.');
  const role = roles.find((one) => one === name);
  if (role === undefined || !(Number(expiry) > now.ms)) return null;
  const passwordHash = hashOf(role);
  if (passwordHash === null) return null;
  const wanted = Buffer.from(signature(`${role}.${expiry}`, now.boot, passwordHash, key));
  const found = Buffer.from(given);
  return found.length === wanted.length && timingSafeEqual(found, wanted) ? role : null;
}

function signature(head: string, boot: string, passwordHash: string, key: string): string {
  return createHmac('sha256', key).update(`${head}\n${boot}\n${passwordHash}`).digest('base64url');
}
