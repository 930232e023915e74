import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import {
  checkRemotePatch,
  fieldNeedingRestart,
  maskedConfig,
  resolveConfig,
} from '../src/config/config.js';
import { parseDuration } from '../src/config/duration.js';
import { mergePatch } from '../src/config/merge-patch.js';
import { ConfigStore } from '../src/config/store.js';
import { isErrorCode, Problem, toProblem } from '../src/errors.js';
import { encoderChangesLive, encoderRequest } from '../src/monitor/encoder-request.js';

function problemOf(action: () => unknown): Pick<Problem, 'code' | 'field'> | null {
  try {
    action();
    return null;
  } catch (error) {
    const { code, field } = toProblem(error);
    return { code, field };
  }
}

t.test('durations', async (t) => {
  t.equal(parseDuration('90s'), 90_000);
  t.equal(parseDuration('15m'), 900_000);
  t.equal(parseDuration('2h'), 7_200_000);
  t.equal(parseDuration('1.5s'), 1500);
  t.equal(parseDuration('inf'), Infinity);
  t.equal(parseDuration(250), 250);
  for (const wrong of ['', '10', 's', '-1s', '0s', '1w', 'inf ', '9999999999h', 0, -1, 1.5, NaN]) {
    t.equal(parseDuration(wrong), null, String(wrong));
  }
});

t.test('merge patch: the cases of RFC 7396', async (t) => {
  const cases: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of cases) t.strictSame(mergePatch(target, patch), result);
});

t.test('the schema gives defaults and names what is wrong', async (t) => {
  const config = resolveConfig();
  t.strictSame(config.camera, {
    id: 'auto',
    width: 1280,
    height: 720,
    fps: 30,
    sync: 'off',
  });
  t.equal(config.dataFolder, '~/pi-monitor');
  t.equal(resolveConfig({ camera: { fps: 50 } }).camera.fps, 50);

  const cases: [Record<string, unknown>, string, string | null][] = [
    [{ camera: { fps: 0 } }, 'invalid-value', 'camera.fps'],
    [{ camera: { fps: 241 } }, 'invalid-value', 'camera.fps'],
    [{ camera: { fps: '30' } }, 'invalid-value', 'camera.fps'],
    [{ camera: { width: 641 } }, 'invalid-value', 'camera.width'],
    [{ camera: { width: 320.5 } }, 'invalid-value', 'camera.width'],
    [{ camera: { id: '' } }, 'invalid-value', 'camera.id'],
    [{ camera: { colour: 1 } }, 'unknown-field', 'camera.colour'],
    [{ camera: 5 }, 'invalid-value', 'camera'],
    [{ encoder: { kind: 'gpu' } }, 'invalid-value', 'encoder.kind'],
    [{ encoder: { bitrate: -1 } }, 'invalid-value', 'encoder.bitrate'],
    [{ encoder: { bitrate: 4_000_000 } }, 'invalid-value', 'encoder.bitrate'],
    [{ recording: { duration: 'soon' } }, 'invalid-value', 'recording.duration'],
    [{ server: { allowFrom: ['10.0.0.0/33'] } }, 'invalid-value', 'server.allowFrom.0'],
    [{ server: { hostNames: ['a b'] } }, 'invalid-value', 'server.hostNames.0'],
    [{ server: { host: 'elsewhere' } }, 'invalid-value', 'server.host'],
    [{ nonsense: true }, 'unknown-field', 'nonsense'],
  ];
  for (const [patch, code, field] of cases) {
    t.strictSame(
      problemOf(() => resolveConfig(patch)),
      { code, field },
      JSON.stringify(patch),
    );
  }
});

t.test('what the network may set', async (t) => {
  t.doesNotThrow(() => checkRemotePatch({ camera: { fps: 15 }, preview: null }));
  const cases: [Record<string, unknown>, string, string][] = [
    [{ server: { port: 80 } }, 'not-settable-remotely', 'server.port'],
    [{ server: { allowFrom: ['0.0.0.0/0'] } }, 'not-settable-remotely', 'server.allowFrom'],
    [{ server: null }, 'not-settable-remotely', 'server'],
    [{ server: 5 }, 'not-settable-remotely', 'server'],
    [{ dataFolder: '/' }, 'not-settable-remotely', 'dataFolder'],
    [{ dataFolder: null }, 'not-settable-remotely', 'dataFolder'],
    [{ camera: { nope: 1 } }, 'unknown-field', 'camera.nope'],
    [{ toString: 1 }, 'unknown-field', 'toString'],
  ];
  for (const [patch, code, field] of cases) {
    t.strictSame(
      problemOf(() => checkRemotePatch(patch)),
      { code, field },
      JSON.stringify(patch),
    );
  }
  const shown = maskedConfig(resolveConfig({ server: { allowFrom: ['192.0.2.0/24'] } }));
  t.match(shown, { dataFolder: '…', server: { port: 8000, allowFrom: ['…'] } });
});

t.test('what restarts the camera', async (t) => {
  const before = resolveConfig();
  t.equal(fieldNeedingRestart(before, resolveConfig({ preview: { fps: 5 } })), null);
  t.equal(fieldNeedingRestart(before, resolveConfig({ camera: { fps: 30 } })), null);
  t.equal(fieldNeedingRestart(before, resolveConfig({ camera: { fps: 25 } })), 'camera.fps');
});

t.test('the encoder, in the units of the addon', async (t) => {
  const before = resolveConfig({ encoder: { bitrate: 4.5, gop: 0.25, threads: 2 } });
  t.strictSame(encoderRequest(before), {
    kind: 'auto',
    bitrate: 4_500_000,
    quality: 23,
    preset: 'superfast',
    threads: 2,
    gopMs: 250,
  });
  const changes = (encoder: Record<string, unknown>): boolean =>
    encoderChangesLive(resolveConfig(), resolveConfig({ encoder }));
  for (const live of [{ bitrate: 5 }, { quality: 30 }, { gop: 2 }]) {
    t.ok(changes(live), JSON.stringify(live));
  }
  for (const later of [{}, { kind: 'software' }, { preset: 'fast' }, { threads: 2 }]) {
    t.notOk(changes(later), JSON.stringify(later));
  }
});

t.test('the store: file, command line, patch, undo', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'config.json');
  const file = async (): Promise<unknown> => JSON.parse(await readFile(path, 'utf8')) as unknown;
  await writeFile(path, JSON.stringify({ camera: { fps: 25 }, preview: { fps: 5 } }));

  const store = await ConfigStore.load(path, { camera: { fps: 60, id: 'synthetic' } });
  t.equal(store.current.camera.fps, 60, 'the command line goes before the file');
  t.equal(store.preview({ camera: { fps: 10 } }).camera.fps, 10);
  t.equal(store.current.camera.fps, 60, 'looking changes nothing');

  const undo = await store.apply({ camera: { fps: 10 }, preview: { fps: null } });
  t.equal(store.current.camera.fps, 10, 'a patch goes before the command line');
  t.equal(store.current.preview.fps, 15, 'null brings the default back');
  t.strictSame(await file(), { camera: { fps: 10 }, preview: {} }, 'the command line is not saved');
  t.equal(store.current.camera.id, 'synthetic');

  await undo();
  t.equal(store.current.camera.fps, 60);
  t.strictSame(await file(), { camera: { fps: 25 }, preview: { fps: 5 } });
  t.strictSame(await readdir(folder), ['config.json'], 'no draft is left');

  await t.rejects(store.apply({ camera: { fps: 0 } }), { code: 'invalid-value' });
  t.equal(store.current.camera.fps, 60);

  for (const content of ['{', '[]', '"text"', '{"camera":{"fps":-1}}', '{"nope":1}']) {
    await writeFile(path, content);
    await t.rejects(ConfigStore.load(path, {}), { name: 'Problem' }, content);
  }
});

t.test('every error finds its row in the table', async (t) => {
  t.ok(isErrorCode('camera-lost'));
  t.notOk(isErrorCode('toString'));
  t.notOk(isErrorCode(undefined));
  const native = Object.assign(new Error('no'), {
    code: 'encoder-refused',
    field: 'encoder.preset',
  });
  t.match(toProblem(native), { code: 'encoder-refused', field: 'encoder.preset', status: 422 });
  t.match(toProblem(Object.assign(new Error('x'), { code: 'ENOSPC' })), {
    code: 'disk-full',
    status: 507,
  });
  t.match(toProblem(Object.assign(new Error('x'), { code: 'EROFS' })), { code: 'disk-unwritable' });
  t.match(toProblem(Object.assign(new Error('x'), { code: 'EWHAT' })), {
    code: 'internal',
    status: 500,
  });
  t.match(toProblem('text'), { code: 'internal', detail: 'text' });
  t.strictSame(new Problem('not-found', 'Nothing here.').toJSON(), {
    type: 'about:blank',
    title: 'Not found',
    status: 404,
    code: 'not-found',
    detail: 'Nothing here.',
    field: null,
  });
});
