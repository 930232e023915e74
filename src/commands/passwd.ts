import { checkPassword, hashPassword } from '../access/password.js';
import type { Secrets } from '../access/secrets.js';
import { Problem } from '../errors.js';
import { askHidden, readLine } from './ask.js';
import { openSecrets, type SecretsOptions } from './secrets-file.js';

export interface PasswdOptions extends SecretsOptions {
  view: boolean;
  remove: boolean;
  stdin: boolean;
}

/** Sets or removes a password; a monitor that runs follows within a second. */
export async function passwd(options: PasswdOptions): Promise<void> {
  const { secrets, amend } = await openSecrets(options);
  if (options.remove) {
    await amend((now) => ({ ...now, passwords: without(now.passwords, options.view) }));
    console.log(options.view ? 'Viewers have no password now.' : 'Nobody needs a password now.');
    return;
  }
  if (options.view && secrets.passwords.operate === null) {
    throw new Problem('invalid-value', 'Set the password of operators first, without --view.');
  }
  const password = options.stdin ? await readLine() : await askTwice();
  checkPassword(password);
  const hash = await hashPassword(password);
  const role = options.view ? 'view' : 'operate';
  await amend((now) => ({ ...now, passwords: { ...now.passwords, [role]: hash } }));
  console.log(`The password of ${options.view ? 'viewers' : 'operators'} is set.`);
  // Whoever came while there was no password may have left a way in.
  const paired = secrets.tokens.filter(({ controller }) => controller !== undefined).length;
  if (paired > 0) console.log(`Paired controllers: ${paired}; "pi-monitor token list" tells them.`);
}

/** Viewers without operators would be kept from what everyone else may do. */
function without(passwords: Secrets['passwords'], view: boolean): Secrets['passwords'] {
  return view ? { ...passwords, view: null } : { view: null, operate: null };
}

async function askTwice(): Promise<string> {
  const password = await askHidden('Password: ');
  checkPassword(password);
  if ((await askHidden('Once more: ')) === password) return password;
  throw new Problem('invalid-value', 'The two are not the same; nothing was set.');
}
