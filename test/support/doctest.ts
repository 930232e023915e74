import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Test } from 'tap';

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const unescape = (text: string): string =>
  text.replace(/&(lt|gt|quot|apos|amp);/g, (whole, name: string) => entities[name] ?? whole);

interface TestCase {
  name: string;
  failures: string[];
}

/** The test cases of doctest's JUnit report. */
function parse(report: string): TestCase[] {
  const cases: TestCase[] = [];
  for (const [, tag, attributes] of report.matchAll(/<(testcase|failure|error)( [^>]*)>/g)) {
    const attribute = (key: string): string =>
      unescape(new RegExp(` ${key}="([^"]*)"`).exec(attributes ?? '')?.[1] ?? '');
    if (tag === 'testcase') cases.push({ name: attribute('name'), failures: [] });
    else cases.at(-1)?.failures.push(attribute('message'));
  }
  return cases;
}

/** Runs a doctest program and reports each of its test cases as one assertion. */
export async function runDoctest(
  t: Test,
  program: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const child = spawn(program, ['--reporters=junit', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let report = '';
  let messages = '';
  child.stdout.on('data', (text: Buffer) => (report += text.toString()));
  child.stderr.on('data', (text: Buffer) => (messages += text.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const cases = parse(report);
  for (const { name, failures } of cases) t.same(failures, [], name);
  t.ok(cases.length > 0, 'the program has test cases');
  // 1 is for failed test cases, which are reported above.
  const ended = code === 0 || (code === 1 && cases.some(({ failures }) => failures.length > 0));
  t.ok(ended, `the program ends well (${signal ?? `exit code ${code ?? '?'}`})`, { messages });
}
