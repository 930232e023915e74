import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Problem } from '../errors.js';

/** Asks on the terminal, without showing what is typed. Throws where there is no terminal. */
export function askHidden(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new Problem('invalid-value', 'There is no terminal to ask on: use --stdin.');
  }
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve, reject) => {
    let answer: string | null = null;
    lines.once('line', (line) => {
      answer = line;
      lines.close();
    });
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => {
      process.stderr.write('\n');
      if (answer === null) reject(new Problem('invalid-value', 'Nothing was set.'));
      else resolve(answer);
    });
  });
}

/** The first line of standard input. */
export async function readLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  return '';
}
