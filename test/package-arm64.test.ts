import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import WebSocket from 'ws';
import { freePort } from './support/monitor-process.js';
import { must, project } from './support/rehearsal.js';
import { until } from './support/until.js';
import { videoStamps } from './support/video-stamps.js';
import { TestViewer } from './support/viewer.js';

/** services/package/test.sh has made the package, and the root that it was built in. */
const { PACKAGE_OTHER_ROOT: root, PACKAGE_OTHER_DEB: deb } = process.env;

const inRoot = join(project, 'services/package/in-root.sh');
const width = 320;

t.test(
  'the package for arm64, under an emulator of its processor',
  { skip: root && deb ? false : 'it takes minutes: npm run package:test' },
  async (t) => {
    if (!root || !deb) return;
    // Unpacked, not installed: the root is of this machine's architecture.
    const folder = await mkdtemp(join(root, 'tmp/arm64-'));
    t.teardown(() => rm(folder, { recursive: true }));
    const place = folder.slice(root.length);
    await must('dpkg', ['-x', deb, folder]);
    await must(inRoot, [root, 'apt-get', '-q', 'update']);
    const fetch = `cd ${place} && apt-get -q download nodejs:arm64 && dpkg -x nodejs_*.deb .`;
    await must(inRoot, [root, 'sh', '-c', fetch]);
    const home = `${place}/usr/lib/pi-monitor`;
    const node = ['qemu-aarch64', `${place}/usr/bin/node`];
    const cli = [...node, `${home}/build/src/cli.js`];

    await t.test('every binary in it is for arm64', async (t) => {
      const binaries = await must('sh', [
        '-c',
        `find ${folder}/usr/lib/pi-monitor -type f \\( -name '*.node' -o -name '*.so*' \\) -print0 |
         xargs -0 readelf -h | grep Machine: | sort | uniq -c`,
      ]);
      t.match(binaries, /^\s*4\s+Machine:\s+AArch64$/, 'the addon, uWebSockets.js, sharp, libvips');
    });

    await t.test('the addon loads, with the libcamera it was built with', async (t) => {
      t.match(await must(inRoot, [root, ...cli, 'cameras']), /libcamera 0\.4/);
    });

    await t.test('it records a second of the synthetic camera', async (t) => {
      await must(inRoot, [
        ...[root, ...cli, 'record', '--camera', 'synthetic', '--size', `${width}x180`],
        ...['--fps', '10', '--preset', 'ultrafast', '--duration', '1s'],
        ...['--output', `${place}/arm64.mp4`],
      ]);
      const stamps = await videoStamps(`${folder}/arm64.mp4`, width);
      t.equal(stamps.length, 10);
      t.ok(
        stamps.every((stamp) => stamp !== null),
        'each frame is whole',
      );
    });

    await t.test('the server answers and shows the camera', async (t) => {
      await mkdir(`${folder}/data`);
      const camera = { width, height: 180, fps: 10 };
      await writeFile(`${folder}/data/config.json`, JSON.stringify({ camera }));
      const port = await freePort();
      const options = ['--port', String(port), '--host', '127.0.0.1', '--data', `${place}/data`];
      const server = spawn(inRoot, [root, ...cli, 'monitor', '--camera', 'synthetic', ...options], {
        stdio: 'ignore',
      });
      const ended = once(server, 'exit');
      t.teardown(async () => {
        server.kill('SIGKILL'); // its first process takes the others with it
        await ended;
      });
      const get = (path: string): Promise<Response | null> =>
        globalThis.fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
      await until(async () => (await get('/healthz'))?.ok, 'frames come', 300_000);
      t.match(await (await get('/monitor.html'))?.text(), /<html/);
      const viewer = new TestViewer(
        new WebSocket(`ws://127.0.0.1:${port}/api/v1/preview?codec=jpeg&ack=1&width=${width}`),
      );
      t.teardown(() => {
        viewer.close();
      });
      await until(() => viewer.seen.length >= 3, 'pictures come', 60_000);
    });

    await t.test('sharp, which makes thumbnails, loads', async () => {
      const script = `require('${home}/node_modules/sharp')`;
      await must(inRoot, [root, ...node, '--eval', script]);
    });
  },
);
