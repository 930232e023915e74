/**
 * node build/test/mutations.js: puts the mistakes that are easily made with the Pi's encoder into
 * a copy of the code, one at a time, and runs the encoder's suites over the emulator. A mistake
 * that they do not notice is a hole in them: exit 1.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Mutation {
  mistake: string;
  file: string;
  from: string;
  to: string;
}

const device = 'native/encode/v4l2_device.cc';
const encoder = 'native/encode/v4l2_encoder.cc';

const mutations: Mutation[] = [
  {
    mistake: 'a frame goes back to the camera while the device still reads it',
    file: encoder,
    from: 'held_[*index] = job.frame;',
    to: '',
  },
  {
    mistake: 'buffers take the next index, not their own',
    file: encoder,
    from: 'return held_[frame.bufferIndex] ? std::nullopt : std::optional(frame.bufferIndex);',
    to: 'static int next = 0; return next++ % static_cast<int>(held_.size());',
  },
  {
    mistake: 'the width is taken for the stride',
    file: device,
    from: 'static_cast<uint32_t>(format.stride)',
    to: 'static_cast<uint32_t>(format.size.width)',
  },
  {
    mistake: 'the stride that the driver settled on is not looked at',
    file: 'native/encode/contiguous_copies.cc',
    from: 'if (plane.data != expected || plane.stride != rows.stride) return false;',
    to: '',
  },
  {
    mistake: 'only the luma is passed',
    file: device,
    from: 'buffer.plane.bytesused = static_cast<uint32_t>(frameBytes_);',
    to: 'buffer.plane.bytesused = static_cast<uint32_t>(frameBytes_ * 2 / 3);',
  },
  {
    mistake: 'memory that is not contiguous is an end',
    file: device,
    from: 'if (errno == EFAULT) return Queued::NotContiguous;',
    to: '',
  },
  {
    mistake: 'the frame rate is told to the wrong side',
    file: device,
    from: 'rate.type = kFrames;',
    to: 'rate.type = kCoded;',
  },
  {
    mistake: 'parameter sets are not kept',
    file: 'native/encode/bitstream_joiner.cc',
    from: 'if (!headers.empty()) headers_ = headers;',
    to: '',
  },
  {
    mistake: 'constant bitrate',
    file: device,
    from: 'V4L2_MPEG_VIDEO_BITRATE_MODE_VBR)',
    to: 'V4L2_MPEG_VIDEO_BITRATE_MODE_CBR)',
  },
  {
    mistake: 'the drain has no end',
    file: encoder,
    from: 'ended_.wait_for(lock, limit, [this] { return finished_; });',
    to: 'ended_.wait(lock, [this] { return finished_; });',
  },
  {
    mistake: 'no watchdog',
    file: encoder,
    from: 'if (pending_.empty()) return std::nullopt;',
    to: 'return std::nullopt;',
  },
  {
    mistake: 'coded buffers are not given back',
    file: encoder,
    from: 'if (!coded->last) device_->giveBack(*coded);',
    to: '',
  },
  {
    mistake: 'pictures are matched by their order, not by their timestamp',
    file: encoder,
    from: 'return frame.timestampUs == picture.timestampUs;\n  });',
    to: 'return true;\n  });\n  if (known != pending_.end()) picture.timestampUs = known->timestampUs;',
  },
  {
    mistake: 'a keyframe is asked for only once',
    file: 'native/encode/keyframe_request.h',
    from: '} else if (askedUs_ && frameUs - *askedUs_ >= patienceUs_) {',
    to: '} else if (false) {',
  },
];

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-mutations-'));
const build = join(folder, 'build/native');

async function buildAll(): Promise<void> {
  await run('cmake', ['--build', build, '--target', 'native_test', 'fakepi']);
}

/** Whether the suites pass. A hang is a failure like any other. */
async function passes(): Promise<boolean> {
  const environment = {
    ...process.env,
    LD_PRELOAD: join(folder, 'build/test/libfakepi.so'),
    FAKEPI_STRICT: '1',
    FAKEPI_SPEED: '20',
  };
  const suites = '--test-suite=v4l2*,encoder*,bitstream joiner,keyframe request';
  return run(join(build, 'test/native/native_test'), [suites], {
    env: environment,
    timeout: 120_000,
    killSignal: 'SIGKILL',
  }).then(
    () => true,
    () => false,
  );
}

let unnoticed = 0;
try {
  for (const part of ['CMakeLists.txt', 'native', 'test']) {
    await cp(part, join(folder, part), { recursive: true });
  }
  await run('cmake', [
    '-G',
    'Ninja',
    '-S',
    folder,
    '-B',
    build,
    '-DPIMON_ADDON=OFF',
    '-DPIMON_TESTS=ON',
  ]);
  await buildAll();
  if (!(await passes())) throw new Error('The suites fail without any mutation.');
  for (const mutation of mutations) {
    const path = join(folder, mutation.file);
    const original = await readFile(path, 'utf8');
    if (!original.includes(mutation.from)) {
      throw new Error(`${mutation.file} has no "${mutation.from}" any more.`);
    }
    await writeFile(path, original.replace(mutation.from, mutation.to));
    await buildAll();
    const noticed = !(await passes());
    await writeFile(path, original);
    console.log(`${noticed ? 'noticed' : 'NOT NOTICED'}: ${mutation.mistake}`);
    if (!noticed) unnoticed++;
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(
  `${String(mutations.length - unnoticed)} of ${String(mutations.length)} mistakes noticed`,
);
process.exitCode = unnoticed === 0 ? 0 : 1;
