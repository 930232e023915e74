import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import t from 'tap';
import ts from 'typescript';
import { ConfigSchema } from '../src/config/schema.js';
import { errorCodes } from '../src/errors.js';

/**
 * Nothing a person reads stands in the page's code, and each language has every text, for every
 * setting and error of the server too.
 */

const web = 'web/src';
const letters = /\p{L}{2,}/u;
/** Written alike in every language. */
const unit = /\bms\b/;
/** Words after each other, or one that begins a sentence: not a key, a class or an event's name. */
const phrase = /\p{L}{2,},? \p{L}|^\p{Lu}\p{Ll}+[.?!…]?$/u;
/** Attributes that are no text. */
const silent = new Set(['class', 'd', 'viewBox', 'id', 'key', 'type', 'href', 'rel', 'for']);

interface Found {
  line: number;
  text: string;
}

/** Text that a person would read, in the source of a component or of what it uses. */
function literals(name: string, source: string): Found[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const note = (node: ts.Node, text: string): void => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push({ line: line + 1, text });
  };
  const walk = (node: ts.Node, inMarkup: boolean): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isJsxAttribute(node) && silent.has(node.name.getText())) return;
    // What a developer reads in the console.
    if (ts.isThrowStatement(node)) return;
    // A comparison is with a key; an index is one.
    if (ts.isBinaryExpression(node) || ts.isElementAccessExpression(node)) inMarkup = false;
    if (ts.isCallExpression(node)) inMarkup = false;
    if (ts.isJsxText(node) && letters.test(node.text.replace(unit, '')))
      note(node, node.text.trim());
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateTail(node)) {
      const wanted = ts.isStringLiteralLike(node) && !inMarkup ? /\p{L}{2,},? \p{L}/u : phrase;
      if (wanted.test(node.text)) note(node, node.text);
    }
    const markup = inMarkup || ts.isJsxExpression(node) || ts.isJsxAttribute(node);
    ts.forEachChild(node, (child) => walk(child, markup));
  };
  walk(file, false);
  return found;
}

t.test('what the search finds', (t) => {
  const texts = (source: string): string[] => literals('a.tsx', source).map(({ text }) => text);
  t.same(texts('const a = <p>None yet.</p>'), ['None yet.']);
  t.same(texts('const a = <p title="Stop">{t.none}</p>'), ['Stop']);
  t.same(texts(`const a = <p>{on ? 'Stop' : t.start}</p>`), ['Stop']);
  t.same(texts('const a = `The disk ${b}`'), ['The disk ']);
  t.same(texts(`const a = { title: 'It is full' }`), ['It is full']);
  t.same(texts(`const a = <p class="a quiet one" onKeyDown={(e) => e.key === 'Escape'} />`), []);
  t.same(texts(`import a from 'an odd name'; call('GET'); throw new Error('not a thing');`), []);
  t.end();
});

t.test('the page holds no text of its own', async (t) => {
  const names = await readdir(web, { recursive: true });
  const sources = names.filter((name) => /\.tsx?$/.test(name) && !name.startsWith('i18n'));
  t.ok(sources.length > 30, 'they are found');
  for (const name of sources) {
    const found = literals(name, await readFile(join(web, name), 'utf8'));
    t.same(found, [], `${name} takes its texts from i18n`);
  }
});

t.test('no text was forgotten in its English', async (t) => {
  const own = await Promise.all(
    ['en', 'de'].map((language) => textsOf(`${web}/i18n/${language}.ts`)),
  );
  const [en = [], de = []] = own;
  const same = de.filter((text) => text.includes(' ') && en.includes(text));
  t.ok(en.length > 100);
  t.same(same, []);
});

interface Tables {
  en: { errors: { remedies: Record<string, string> } };
  de: Tables['en'];
  serverDe: {
    problems: Record<string, string>;
    fields: Record<string, { title: string; description: string }>;
  };
  controlsEn: Record<'names' | 'choices' | 'units', Record<string, string>>;
  controlsDe: Tables['controlsEn'];
}

/** The page's own tables, as the browser gets them. */
async function tables(): Promise<Tables> {
  const names = ['en', 'de', 'server-de', 'controls', 'controls-de'];
  const contents = names.map((name) => `export * from './${name}';`).join('');
  const stdin = { contents, resolveDir: `${web}/i18n` };
  const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', write: false });
  const script = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  return (await import(`data:text/javascript;base64,${script}`)) as Tables;
}

interface Section {
  title?: string;
  description?: string;
  properties?: Record<string, Section>;
}

function fieldPaths(schema: Section, above = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    property.properties ? fieldPaths(property, `${above}${name}.`) : [above + name],
  );
}

t.test('every error and setting of the server, and every control, has its words', async (t) => {
  const { en, de, serverDe, controlsEn, controlsDe } = await tables();
  const codes = [...errorCodes].sort();
  t.same(Object.keys(en.errors.remedies).sort(), codes, 'what to do about each error');
  t.same(Object.keys(de.errors.remedies).sort(), codes, 'and in German');
  t.same(Object.keys(serverDe.problems).sort(), codes, 'titles in German');
  t.same(Object.keys(serverDe.fields).sort(), fieldPaths(ConfigSchema).sort(), 'the settings');
  t.same(Object.keys(controlsDe.names), Object.keys(controlsEn.names), 'the controls');
  t.same(Object.keys(controlsDe.choices), Object.keys(controlsEn.choices), 'their choices');
  t.same(Object.keys(controlsDe.units), Object.keys(controlsEn.units), 'their units');
  const all = [en.errors.remedies, de.errors.remedies, serverDe.problems, controlsDe.names];
  t.notOk(all.flatMap((table) => Object.values(table)).includes(''), 'none is empty');
  t.equal(controlsEn.names['AeEnable'], 'Auto exposure');
});

async function textsOf(path: string): Promise<string[]> {
  const file = ts.createSourceFile(path, await readFile(path, 'utf8'), ts.ScriptTarget.Latest);
  const texts: string[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    ts.forEachChild(node, walk);
  };
  walk(file);
  return texts;
}
