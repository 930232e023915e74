// What the addon owes to JavaScript that misbehaves: each case is a program of its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const native = new URL('../src/native.js', import.meta.url).href;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the text of an ES module that has `addon`, and returns what it wrote as JSON at the end. */
function runProgram(body: string): Record<string, unknown> {
  const text = `import { loadAddon } from ${JSON.stringify(native)};
const addon = loadAddon();
const camera = { id: 'synthetic', width: 320, height: 180, fps: 30, previewWidth: 320, previewHeight: 180 };
${body}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', text], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

t.test('a listener that throws keeps no event from the others, and is told uncaught', async (t) => {
  const told = runProgram(`
let uncaught = 0;
const busy = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };
const seen = [];
process.on('uncaughtException', () => { uncaught += 1; });
const session = new addon.Session({
  onPreview: () => { throw new Error('picture'); },
  onEvent: (event) => { seen.push(event.type); throw new Error('event'); },
});
await session.start(camera);
session.setPreview([{ id: 1, width: 320, fps: 30, quality: 70 }]);
for (let i = 0; i < 3; i += 1) {
  session.inject({ kind: 'drop-at-sensor', count: 1 });
  busy(200);
  const before = seen.length;
  while (seen.length === before) await session.snapshot(320, 70);
}
await session.close();
console.log(JSON.stringify({ uncaught: uncaught > 3, losses: seen.filter((one) => one === 'loss').length }));
`);
  t.strictSame(told, { uncaught: true, losses: 3 });
});

t.test('whatever is asked while the session closes is answered', async (t) => {
  const told = runProgram(`
const session = new addon.Session({ onPreview: () => {}, onEvent: () => {} });
await session.start(camera);
const closing = session.close();
const asked = Array.from({ length: 20 }, () => session.restartCamera(false));
asked.push(session.snapshot(320, 70));
const [settled] = await Promise.all([Promise.allSettled(asked), closing]);
console.log(JSON.stringify({ settled: settled.length }));
`);
  t.strictSame(told, { settled: 21 });
});
