import { randomBytes } from 'node:crypto';
import { chown, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { validator } from '../config/validate.js';
import { Problem, toProblem } from '../errors.js';
import { readJson, writeJson } from '../system/json-file.js';
import { roles, type Role } from './role.js';

const roleSchema = Type.Unsafe<Role>({ type: 'string', enum: [...roles] });
const hash = Type.Union([Type.String(), Type.Null()]);

const SecretsSchema = Type.Object(
  {
    /** Of the board it was made on: a cloned card takes no tokens along. */
    board: Type.Union([Type.String(), Type.Null()]),
    /** Signs the sessions of browsers. */
    key: Type.String({ minLength: 32 }),
    /** Hashes by role; no hash of `operate`: there is no password. */
    passwords: Type.Object({ view: hash, operate: hash }, { additionalProperties: false }),
    tokens: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          label: Type.String(),
          role: roleSchema,
          createdWallUs: Type.Number(),
          controller: Type.Optional(Type.String()),
          hash: Type.String(),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

/** Who may come in. */
export type Secrets = Static<typeof SecretsSchema>;

const validate = validator(SecretsSchema, 'The file');

/** Beside the configuration, never below `recordings/`; only its owner can read it. */
export function secretsPath(dataFolder: string): string {
  return join(dataFolder, 'secrets.json');
}

/**
 * Reads the file; without one nobody has a password. Tokens made on another board than `board` are
 * left out. Throws where it cannot be read or is not what it should be: nobody is let in then.
 */
export async function readSecrets(path: string, board: string | null): Promise<Secrets> {
  try {
    const content = await readJson(path);
    if (content === null) return none(board);
    const secrets = validate(content);
    const moved = board !== null && secrets.board !== null && secrets.board !== board;
    return moved ? { ...secrets, board, tokens: [] } : secrets;
  } catch (error) {
    const { code, detail } = toProblem(error);
    const remedy = 'Mend it, or remove it and set the passwords anew.';
    const of = code === 'internal' ? 'malformed' : code;
    throw new Problem(of, `${path} cannot be read: ${detail} ${remedy}`);
  }
}

function none(board: string | null): Secrets {
  const key = randomBytes(32).toString('base64url');
  return { board, key, passwords: { view: null, operate: null }, tokens: [] };
}

/** Written by root, it belongs to whom the folder belongs to, or the service could not read it. */
export async function writeSecrets(path: string, secrets: Secrets): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  await writeJson(path, secrets, 0o600);
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  await chown(path, uid, gid);
}
