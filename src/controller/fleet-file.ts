import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '../config/merge-patch.js';
import { Problem } from '../errors.js';
import { readJson, writeJson } from '../system/json-file.js';
import { Serial } from '../system/serial.js';

/** One monitor as it is kept. */
export interface Entry {
  /** As the monitor says; `@ADDRESS` while it never answered. */
  id: string;
  number: number;
  /** Given by a person; null: its host name. */
  name: string | null;
  address: string;
  groups: string[];
}

interface Kept {
  nextNumber: number;
  monitors: Entry[];
}

const secretMode = 0o600;

/** The fleet on disk: who belongs to it, and, in a file that only the owner reads, the tokens by id. */
export class FleetFile {
  private readonly saves = new Serial();

  constructor(private readonly folder: string) {}

  /** Throws where a file is there and cannot be read: an empty fleet in its place would be saved over it. */
  async load(): Promise<{ kept: Kept; tokens: Map<string, string> }> {
    await mkdir(this.folder, { recursive: true });
    const kept = await read(this.fleetPath);
    const tokens = (await read(this.tokensPath)) ?? {};
    return {
      kept: kept === null ? { nextNumber: 1, monitors: [] } : (kept as unknown as Kept),
      tokens: new Map(Object.entries(tokens as Record<string, string>)),
    };
  }

  save(kept: Kept): Promise<void> {
    return this.saves.run(() => writeJson(this.fleetPath, kept));
  }

  saveTokens(tokens: Map<string, string>): Promise<void> {
    return this.saves.run(() => writeJson(this.tokensPath, Object.fromEntries(tokens), secretMode));
  }

  private get fleetPath(): string {
    return join(this.folder, 'fleet.json');
  }

  private get tokensPath(): string {
    return join(this.folder, 'tokens.json');
  }
}

async function read(path: string): Promise<Record<string, unknown> | null> {
  const content = await readJson(path).catch((error: unknown) => {
    throw new Problem('malformed', `${path} cannot be read: repair or remove it.`, null, {
      cause: error,
    });
  });
  if (content === null || isJsonObject(content)) return content;
  throw new Problem('malformed', `${path} must hold a JSON object: repair or remove it.`);
}
