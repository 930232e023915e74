import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './guides.js';

const run = promisify(execFile);
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** One call of a command of the project. */
export interface Call {
  /** `pi-monitor token`, `npm run bench`, `services/install.sh`. */
  name: string;
  /** What follows it. */
  words: string[];
}

const subcommands = [
  'monitor',
  'controller',
  'cameras',
  'doctor',
  'record',
  'repair',
  'passwd',
  'token',
];

/** The project's own commands in a line of a shell. */
export function commandsIn(line: string): Call[] {
  return line
    .replace(/(^|\s)#.*$/, '')
    .split(/&&|;|\|\s/)
    .flatMap((part): Call[] => {
      const words = part.trim().split(/[\s"]+/);
      while (/^(sudo|npx|exec|bash|@reboot|echo|.*\/node|.*=.*)$/.test(words[0] ?? ''))
        words.shift();
      const [first = '', second = '', ...rest] = words;
      if (/^(pi-monitor|.*build\/src\/cli\.js)$/.test(first)) {
        return second === '' ? [] : [{ name: `pi-monitor ${second}`, words: rest }];
      }
      // `passwd --remove`, `token list`: without the program's name, but with something behind.
      if (subcommands.includes(first) && second !== '') {
        return [{ name: `pi-monitor ${first}`, words: [second, ...rest] }];
      }
      if (first === 'npm' && second === 'run')
        return [{ name: `npm run ${rest[0]}`, words: rest.slice(1) }];
      if (first === 'npm' && ['start', 'test'].includes(second)) {
        return [{ name: `npm run ${second}`, words: rest }];
      }
      const script = /^(?:services\/)?([\w-]+\.sh)$/.exec(first)?.[1];
      return script === undefined ? [] : [{ name: `services/${script}`, words: words.slice(1) }];
    });
}

/** What may follow each command. */
export class KnownCommands {
  private constructor(
    private readonly texts: ReadonlyMap<string, string>,
    private readonly paths: readonly string[],
  ) {}

  static async read(paths: readonly string[]): Promise<KnownCommands> {
    const help = async (...command: string[]): Promise<[string, string]> => {
      const program = join(root, 'build/src/cli.js');
      const { stdout } = await run(process.execPath, [program, ...command, '--help']);
      return [['pi-monitor', ...command].join(' '), stdout];
    };
    const told = await Promise.all([
      ...subcommands.map((command) => help(command)),
      ...['create', 'list', 'revoke'].map((command) => help('token', command)),
    ]);
    const scripts = paths.filter((path) => /^services\/[\w-]+\.sh$/.test(path));
    const sources = await Promise.all(
      scripts.map(async (path) => [path, await read(path)] as const),
    );
    const known = new Map<string, string>([...told, ...sources]);
    const token = told.filter(([name]) => name.startsWith('pi-monitor token '));
    known.set('pi-monitor token', token.map(([name, text]) => `${name}\n${text}`).join('\n'));
    const npm = (JSON.parse(await read('package.json')) as { scripts: Record<string, string> })
      .scripts;
    const behind: Record<string, string> = {
      start: known.get('pi-monitor monitor') ?? '',
      package: await read('services/package/package.sh'),
      bench: await read('test/bench/main.ts'),
    };
    for (const name of Object.keys(npm)) known.set(`npm run ${name}`, behind[name] ?? '');
    // What is written without a command may be the page's build's, or of a program that is called.
    const callers = paths.filter((path) => /^(src\/.*\.ts|web\/build\.mjs)$/.test(path));
    const called = await Promise.all(callers.map(read));
    known.set('any', [...known.values(), ...called].join('\n'));
    return new KnownCommands(known, paths);
  }

  /** What of a call there is not, or null. */
  wrongIn({ name, words }: Call): string | null {
    const text = this.texts.get(name);
    if (text === undefined) return `there is no ${name}`;
    const options = words
      .filter((word) => /^--\w/.test(word))
      .map((word) => word.split('=')[0] ?? '');
    const missing = options.find((option) => !takes(text, option));
    if (missing !== undefined) return `${name} has no ${missing}`;
    const file = words.find((word) => /^test\/.*\.ts$/.test(word));
    if (file !== undefined && !this.paths.includes(file)) return `there is no ${file}`;
    const [verb = ''] = words;
    if (name === 'pi-monitor token' && /^[a-z]+$/.test(verb) && !text.includes(`token ${verb}\n`)) {
      return `token has no ${verb}`;
    }
    return null;
  }
}

/** Help of the program, a branch of a script's case, a comparison, or a table of parseArgs. */
function takes(text: string, option: string): boolean {
  const written = [
    `^  (-\\w, )?${option}[ \\n]`,
    `(^|\\| )\\s*${option}( \\||\\))`,
    `== ${option}( |$)`,
    `'${option}'`,
    `^ {4}'?${option.slice(2)}'?: \\{ type`,
  ];
  return new RegExp(written.join('|'), 'm').test(text);
}
