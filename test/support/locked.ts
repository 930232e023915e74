import { join } from 'node:path';
import { hashPassword } from '../../src/access/password.js';
import { readSecrets, secretsPath, writeSecrets } from '../../src/access/secrets.js';
import { makeToken } from '../../src/access/token.js';
import type { TestServer } from './server.js';

export const passwords = { view: 'only looking', operate: 'correct horse' };

/** Gives a server that runs its passwords, and a token of each role. */
export async function lock({
  folder,
  gate,
}: Pick<TestServer, 'folder' | 'gate'>): Promise<{ view: string; operate: string }> {
  const path = secretsPath(join(folder, 'data'));
  const secrets = await readSecrets(path, null);
  const [view, operate] = await Promise.all([
    hashPassword(passwords.view),
    hashPassword(passwords.operate),
  ]);
  const tokens = { view: makeToken('a', 'view', 0), operate: makeToken('b', 'operate', 0) };
  await writeSecrets(path, {
    ...secrets,
    passwords: { view, operate },
    tokens: [tokens.view.kept, tokens.operate.kept],
  });
  await gate.look();
  return { view: tokens.view.secret, operate: tokens.operate.secret };
}

export function bearer(token: string): { Authorization: string } {
  return { Authorization: `Bearer ${token}` };
}
