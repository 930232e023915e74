import type { Role } from '../access/role.js';
import { makeToken } from '../access/token.js';
import { Problem } from '../errors.js';
import { wallUs } from '../system/wall-clock.js';
import { openSecrets, type SecretsOptions } from './secrets-file.js';

export type TokensOptions = SecretsOptions;

export interface TokenOptions extends TokensOptions {
  role: Role;
  label: string;
}

/** Prints the token alone on standard output, for scripts; it is kept nowhere. */
export async function createToken(options: TokenOptions): Promise<void> {
  const { amend } = await openSecrets(options);
  const { secret, kept } = makeToken(options.label, options.role, wallUs());
  await amend((now) => ({ ...now, tokens: [...now.tokens, kept] }));
  console.error(`Token ${kept.id} (${kept.role}); it is not shown again:`);
  console.log(secret);
}

export async function listTokens(options: TokensOptions): Promise<void> {
  const { secrets } = await openSecrets(options);
  for (const { id, role, createdWallUs, label, controller } of secrets.tokens) {
    const whose = controller === undefined ? label : `paired with ${label}`;
    console.log([id, role, new Date(createdWallUs / 1000).toISOString(), whose].join('\t'));
  }
}

export async function revokeToken(id: string, options: TokensOptions): Promise<void> {
  const { secrets, amend } = await openSecrets(options);
  if (!secrets.tokens.some((token) => token.id === id)) {
    throw new Problem('not-found', `There is no token ${id}: "pi-monitor token list" tells them.`);
  }
  await amend((now) => ({ ...now, tokens: now.tokens.filter((token) => token.id !== id) }));
  console.log(`Token ${id} is forgotten.`);
}
