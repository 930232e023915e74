import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import { Problem } from '../errors.js';

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** 32 MB and about 0.1 s on a laptop, 0.4 s on a Pi 3, on Node's thread pool. */
const cost = { N: 2 ** 15, r: 8, p: 1 };
const keyBytes = 32;

const shortest = 8;
/** Longer ones only keep scrypt busy. */
export const longestPassword = 200;

/** Throws where a password is too short or too long to be set. */
export function checkPassword(password: string): void {
  if (password.length >= shortest && password.length <= longestPassword) return;
  const detail = `A password has ${shortest} to ${longestPassword} characters.`;
  throw new Problem('invalid-value', detail, 'password');
}

/** `scrypt$N$r$p$salt$key`, the last two in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derived(password, salt, cost);
  const { N, r, p } = cost;
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = hash.split('$');
  const wanted = Buffer.from(key, 'base64url');
  const parameters = { N: Number(N), r: Number(r), p: Number(p) };
  const found = await derived(password, Buffer.from(salt, 'base64url'), parameters);
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}

function derived(password: string, salt: Buffer, parameters: typeof cost): Promise<Buffer> {
  const maxmem = 256 * parameters.N * parameters.r; // twice what it takes
  return derive(password.normalize('NFC'), salt, keyBytes, { ...parameters, maxmem });
}
