import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { onAPi } from './support/fakepi.js';
import { readJunit } from './support/junit.js';

/**
 * The addon's own test program (test/native), each of its cases one result here. It is built three
 * times by services/build-native-tests.sh.
 */
interface Kind {
  name: string;
  build: string;
  environment: NodeJS.ProcessEnv;
  parameters: string[];
}

const kinds: Kind[] = [
  { name: 'plain', build: 'plain', environment: {}, parameters: [] },
  {
    name: 'on a Pi’s encoder',
    build: 'plain',
    environment: onAPi({ SPEED: '20' }),
    parameters: ['--test-suite=v4l2*,encoder*'],
  },
  {
    name: 'asan',
    build: 'asan',
    // With leaks, and with what is used after a function has returned.
    environment: {
      ASAN_OPTIONS: 'detect_stack_use_after_return=1',
      UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
    },
    parameters: [],
  },
  {
    name: 'tsan',
    build: 'tsan',
    environment: { TSAN_OPTIONS: 'second_deadlock_stack=1' },
    parameters: [],
  },
];

/** Compiled, this file is build/test/native.test.js. */
const builds = fileURLToPath(new URL('../test-native/', import.meta.url));

interface Run {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  /** Where the sanitizers report. */
  err: string;
}

function run(kind: string, parameters: string[], environment: NodeJS.ProcessEnv): Promise<Run> {
  return new Promise((resolve, reject) => {
    const program = spawn(join(builds, kind, 'test/native/native_test'), parameters, {
      // libcamera tells of each camera it finds; only what is fatal is news here.
      env: { ...process.env, LIBCAMERA_LOG_LEVELS: '*:FATAL', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { out: '', err: '' };
    program.stdout.on('data', (text: Buffer) => (texts.out += text.toString()));
    program.stderr.on('data', (text: Buffer) => (texts.err += text.toString()));
    program.on('error', reject);
    program.on('close', (code, signal) => {
      resolve({ code, signal, ...texts });
    });
  });
}

let folder: string;

t.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pi-monitor-native-'));
});

t.teardown(() => rm(folder, { recursive: true, force: true }));

// Sanitizers on a small Pi take their time.
t.setTimeout(1_200_000);

for (const [index, { name, build, environment, parameters }] of kinds.entries()) {
  t.test(name, async (t) => {
    const report = join(folder, `${index}.xml`);
    const junit = ['-r=junit', '-npf=true', `-o=${report}`, ...parameters];
    const { code, signal, err } = await run(build, junit, environment);
    const cases = readJunit(await readFile(report, 'utf8').catch(() => ''));
    for (const { name, file, failures } of cases) {
      t.equal(failures.length, 0, `${name} (${file})`, { failures: failures.join('\n\n') });
    }
    t.not(cases.length, 0, 'there were cases');
    // 1: some case failed. A sanitizer that found something makes it another.
    t.ok(code === 0 || code === 1, 'the program itself is sound', {
      code,
      signal,
      stderr: err.slice(-20_000),
    });
  });
}

t.test('libcamera', async (t) => {
  const { code, out } = await run('plain', ['--libcamera'], {});
  t.equal(code, 0);
  t.comment(`libcamera tested by the native program: ${out.trim()}`);
});
