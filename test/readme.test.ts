import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { startServer } from './support/server.js';

/** The examples of the README's section on the API do what they say, as they stand there. */

const run = promisify(execFile);
const readme = fileURLToPath(new URL('../../README.md', import.meta.url));
const interpreters: Record<string, string[]> = {
  sh: ['sh', '-ec'],
  python: ['/usr/bin/python3', '-c'], // Debian's, which has python3-opencv
};

t.test('the examples', async (t) => {
  const server = await startServer();
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-readme-'));
  t.teardown(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });
  const [, section = ''] = /\n## API\n([\s\S]*?)\n## /.exec(await readFile(readme, 'utf8')) ?? [];
  const examples = [...section.matchAll(/```(\w+)\n([\s\S]*?)```/g)];
  t.equal(examples.length, 3, 'curl, Python, OpenCV');
  for (const [, language = '', text = ''] of examples) {
    const [program = '', option = ''] = interpreters[language] ?? [];
    const code = text.replaceAll('localhost:8000', server.client.host);
    const { stdout } = await run(program, [option, code], { cwd: folder });
    if (text.includes('cv2')) t.equal(stdout.match(/\(180, 320, 3\)/g)?.length, 10, stdout);
    else if (language === 'python') t.match(stdout, / complete \d+ frames\n$/);
    else t.ok((await stat(join(folder, 'trial_0000.mp4'))).size > 0, 'the video is there');
  }
});
