// Bundles the page into build/web/: `node web/build.mjs`, `--watch` to go on with each change.
// The names stay the same from build to build; the server's ETag tells a browser what is new.
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const out = here('../build/web/');

const options = {
  entryPoints: [
    { in: here('src/monitor.tsx'), out: 'monitor' },
    { in: here('styles/monitor.css'), out: 'monitor' },
    { in: here('src/controller/controller.tsx'), out: 'controller' },
    { in: here('styles/controller.css'), out: 'controller' },
    { in: here('styles/certificate.css'), out: 'certificate' },
  ],
  outdir: out,
  bundle: true,
  // What is loaded later is a file of its own; its name changes with what is in it.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  minify: true,
  format: 'esm',
  target: ['chrome109', 'firefox115', 'safari16'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  tsconfig: here('tsconfig.json'),
  logLevel: 'warning',
};

await mkdir(out, { recursive: true });
await rm(`${out}chunks`, { recursive: true, force: true });
for (const name of ['monitor.html', 'controller.html', 'icon.svg'])
  await copyFile(here(name), out + name);
if (process.argv.includes('--watch')) await (await context(options)).watch();
else await build(options);
