import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { onAPi } from './support/fakepi.js';
import { readJunit } from './support/junit.js';

const run = promisify(execFile);
/** Compiled, this file is build/test/fakepi.test.js. */
const program = fileURLToPath(
  new URL('../test-native/plain/test/fakepi/fakepi_test', import.meta.url),
);
const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
t.teardown(() => rm(folder, { recursive: true }));

t.test('what the device does, by raw ioctls', async (t) => {
  const report = join(folder, 'report.xml');
  const env = { ...process.env, ...onAPi({ SPEED: '0' }) };
  // Where cases failed the report tells which.
  const ending = await run(program, ['-r=junit', `-o=${report}`], { env }).then(
    () => '',
    (error: unknown) => String(error),
  );
  const cases = readJunit(await readFile(report, 'utf8').catch(() => ''));
  for (const { name, failures } of cases) t.same(failures, [], name);
  t.not(cases.length, 0, 'there were cases');
  t.equal(ending, '', 'the program ended well');
});

t.test('v4l2-ctl knows it for a Pi’s encoder', async (t) => {
  const device = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, ...onAPi() };
    return (await run('v4l2-ctl', ['-d', '/dev/video11', ...args], { env })).stdout;
  };
  const all = await device('--all');
  for (const text of [
    'Driver name      : bcm2835-codec',
    'Card type        : bcm2835-codec-encode',
    'Device Caps      : 0x04204000',
    'Video Memory-to-Memory Multiplanar',
    'min=25000 max=25000000 step=25000 default=10000000 value=10000000',
  ]) {
    t.ok(all.includes(text), text);
  }
  t.match(await device('--list-formats'), /'H264' \(H\.264, compressed\)/);
  t.match(await device('--list-formats-out'), /'YU12' \(Planar YUV 4:2:0\)/);
  t.match(
    await device('--set-ctrl', 'video_bitrate=99999999', '--get-ctrl', 'video_bitrate'),
    'video_bitrate: 25000000',
  );
});

/** Frames in a file, and what its first stream is. */
async function probe(path: string): Promise<Record<string, unknown>> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-count_frames', '-of', 'json', path],
    ...['-show_entries', 'stream=nb_read_frames,profile,level,width,height'],
  ]);
  return (JSON.parse(stdout) as { streams: Record<string, unknown>[] }).streams[0] ?? {};
}

t.test('ffmpeg’s h264_v4l2m2m encodes on it', async (t) => {
  const transcode = async (name: string, input: string[], options: string[]): Promise<string> => {
    const path = join(folder, name);
    const args = ['-v', 'error', ...input, '-c:v', 'h264_v4l2m2m', ...options, path];
    await run('ffmpeg', args, { env: { ...process.env, ...onAPi() } });
    return path;
  };
  const pattern = (size: string): string[] => [
    ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30:duration=2`],
  ];
  const small = await transcode('small.h264', pattern('640x480'), ['-pix_fmt', 'yuv420p']);
  t.match(await probe(small), { nb_read_frames: '60', width: 640, height: 480, profile: 'High' });

  const large = await transcode('large.h264', pattern('1280x720'), [
    ...['-pix_fmt', 'nv12', '-b:v', '4M'],
  ]);
  t.match(await probe(large), { nb_read_frames: '60', width: 1280, height: 720, level: 40 });

  const again = await transcode('again.h264', ['-i', small], ['-b:v', '500k']);
  t.match(await probe(again), { nb_read_frames: '60' });

  // It came out as it went in, but for what coding costs. A raw stream has no times of its own.
  const plain = 'format=yuv420p,setpts=N/30/TB';
  const { stderr } = await run('ffmpeg', [
    ...['-i', large, ...pattern('1280x720')],
    ...['-lavfi', `[0:v]${plain}[a];[1:v]${plain}[b];[a][b]psnr`, '-f', 'null', '-'],
  ]);
  const psnr = Number(/average:([\d.]+)/.exec(stderr)?.[1]);
  t.ok(psnr > 30, `PSNR ${psnr} dB`);
});

t.test('on a Pi 5 ffmpeg finds no encoder', async (t) => {
  const args = ['-f', 'lavfi', '-i', 'testsrc2=duration=1', '-c:v', 'h264_v4l2m2m', '-f', 'null'];
  const env = { ...process.env, ...onAPi({ ABSENT: '1' }) };
  await t.rejects(run('ffmpeg', [...args, '-'], { env }), /Could not find a valid device/);
});
