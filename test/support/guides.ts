import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What a person reads: a README of the project. */
export interface Guide {
  /** Below the project's folder. */
  path: string;
  folder: string;
  text: string;
}

/** Something a guide writes as code: between backticks, or a line of a block. */
export interface Quoted {
  text: string;
  /** GUIDE:LINE. */
  where: string;
  /** The language of the block; null where it stands between backticks. */
  block: string | null;
  /** Of a row of a table: what its first cell has between backticks. */
  rowOf: string[];
}

const notOurs = new Set(['node_modules', 'build', '.git']);

/** Every file and folder of the project below its top, with `/` between parts and after a folder. */
export async function projectPaths(): Promise<string[]> {
  const paths: string[] = [];
  for (const top of await readdir(root, { withFileTypes: true })) {
    if (notOurs.has(top.name)) continue;
    if (!top.isDirectory()) {
      paths.push(top.name);
      continue;
    }
    paths.push(`${top.name}/`);
    const below = await readdir(join(root, top.name), { withFileTypes: true, recursive: true });
    for (const entry of below) {
      const path = relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/');
      paths.push(entry.isDirectory() ? `${path}/` : path);
    }
  }
  return paths;
}

export function readGuides(paths: readonly string[]): Promise<Guide[]> {
  const readmes = paths.filter((path) => /(^|\/)README\.md$/.test(path));
  return Promise.all(
    readmes.map(async (path) => {
      const folder = path.includes('/') ? `${dirname(path)}/` : '';
      return { path, folder, text: await readFile(join(root, path), 'utf8') };
    }),
  );
}

/** All that a guide writes as code, line by line; a block of JSON comes as a whole. */
export function quotedIn({ path, text }: Guide): Quoted[] {
  const found: Quoted[] = [];
  let block: string | null = null;
  let json: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const where = `${path}:${i + 1}`;
    const fence = /^\s*(?:\d+\. )?```(\w*)/.exec(line);
    if (fence !== null) {
      if (block === 'json') found.push({ text: json.join('\n'), where, block, rowOf: [] });
      block = block === null ? (fence[1] ?? '') : null;
      json = [];
    } else if (block === 'json') json.push(line);
    else if (block !== null) found.push({ text: line, where, block, rowOf: [] });
    else {
      const firstCell = line.startsWith('|') ? (line.split(/(?<!\\)\|/)[1] ?? '') : '';
      const rowOf = betweenBackticks(firstCell);
      found.push(...betweenBackticks(line).map((text) => ({ text, where, block: null, rowOf })));
    }
  }
  return found;
}

function betweenBackticks(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|'));
}

/** The relative links of a guide, without what follows a `#`. */
export function linksOf({ text }: Guide): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^\w+:/.test(target));
}
