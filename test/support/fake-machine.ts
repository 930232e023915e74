import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiled, this file is build/test/support/fake-machine.js. */
const project = fileURLToPath(new URL('../../../', import.meta.url));

/** What a machine is like for one run of the set-up. */
export interface Traits {
  /** System packages it does not have yet. */
  missing?: string[];
  /** The version of libcamera-dev that apt would install. */
  offered?: string;
  /** The beginnings of command lines that fail, such as `npm ci`. */
  failing?: string[];
  /** What node says of its version and architecture. */
  node?: string;
  asUser?: boolean;
}

export interface Outcome {
  code: number | null;
  /** Both streams: what a person sees. */
  said: string;
  /** The commands that changed something, in order. */
  did: string[];
}

/** Commands the set-up may really use; all others are missing or fake. */
const real =
  'awk bash cat chmod cp cut dirname env find flock grep id mkdir nproc realpath rm sed sha256sum ' +
  'sleep sort touch uname xargs';

const note = 'echo "$name $*" >> "$CALLS"';
const fakes: Record<string, string> = {
  'apt-get': `${note}; [[ $* != *libcamera-dev* ]] || touch libcamera-installed`,
  'apt-cache': 'echo "  Candidate: $OFFERED"',
  dpkg: '/usr/bin/dpkg "$@"',
  'dpkg-query':
    'for package; do [[ " $MISSING " == *" $package "* ]] || echo "$package installed"; done',
  'pkg-config': `[[ -e libcamera-installed ]] || exit 1
    case $1 in
      --modversion) echo "$OFFERED" ;;
      --atleast-version=*) dpkg --compare-versions "$OFFERED" ge "\${1#*=}" ;;
    esac`,
  sudo: 'shift; "$@"',
  npm: `${note}
    case "$*" in
      ci*)
        cp package-lock.json node_modules/.package-lock.json
        mkdir -p node_modules/a && touch node_modules/a/package.json ;;
      *install) mkdir -p build/Release && touch build/Release/pi_monitor.node ;;
    esac`,
  node: `[[ $1 == -p && -n $NODE ]] && echo "$NODE" || "${process.execPath}" "$@"`,
};
const tsc = `${note}; mkdir -p build/src && touch build/src/cli.js`;
const nativeTests = `${note}
  mkdir -p build/test-native/tsan/test/native
  touch build/test-native/tsan/test/native/native_test`;
const ownLibcamera = `${note}; mkdir -p own-libcamera && realpath own-libcamera`;
const page = `
  import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
  mkdirSync('build/web', { recursive: true });
  writeFileSync('build/web/monitor.html', '');
  appendFileSync(process.env.CALLS, 'page\\n');`;

/**
 * A checkout with the real set-up on a machine whose apt, npm, sudo and compilers are fakes that
 * take notes: the set-up runs to its end in a second and touches nothing outside.
 */
export class FakeMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'pi-monitor-set-up-'));

  constructor() {
    cpSync(join(project, 'services'), join(this.root, 'services'), { recursive: true });
    const lock = { packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } };
    this.write('package-lock.json', JSON.stringify(lock));
    for (const path of ['CMakeLists.txt', 'tsconfig.json', 'native/addon.cc', 'src/cli.ts']) {
      this.write(path, '');
    }
    this.write('test/cli.test.ts', '');
    this.write('test/native/main.cc', '');
    this.write('web/build.mjs', page);
    this.write('node_modules/uWebSockets.js/index.js', '');
    this.#command('node_modules/.bin/tsc', tsc);
    this.#command('services/build-test-libcamera.sh', ownLibcamera);
    this.#command('services/build-native-tests.sh', nativeTests);
    for (const [name, body] of Object.entries(fakes)) this.#command(`bin/${name}`, body);
    for (const name of real.split(' ')) {
      const path = execFileSync('which', [name], { encoding: 'utf8' }).trim();
      symlinkSync(path, join(this.root, 'bin', name));
    }
    // Set-up is also tried as another user.
    execFileSync('chmod', ['-R', 'a+rwX', this.root]);
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.root, path, '..'), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** Takes a file or a command (`bin/…`) away. */
  lose(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  #command(path: string, body: string): void {
    const fail = '[[ -n $FAILING && "$name $*" =~ ^($FAILING) ]] && exit 1';
    this.write(path, `#!/bin/bash\nname=\${0##*/}\n${fail}\n${body}\n`);
    execFileSync('chmod', ['755', join(this.root, path)]);
  }

  /** Runs services/setup.sh with nobody to answer a question. */
  async setUp(parameters: string[] = [], traits: Traits = {}): Promise<Outcome> {
    const calls = join(mkdtempSync(join(this.root, 'run-')), 'calls');
    writeFileSync(calls, '');
    execFileSync('chmod', ['-R', 'a+rwX', this.root]);
    const asUser = traits.asUser && process.getuid?.() === 0;
    const child = spawn(join(this.root, 'services/setup.sh'), parameters, {
      cwd: this.root,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // from the terminal the tests may have
      env: {
        PATH: join(this.root, 'bin'),
        HOME: this.root,
        CALLS: calls,
        MISSING: traits.missing?.join(' ') ?? '',
        OFFERED: traits.offered ?? '(none)',
        FAILING: traits.failing?.join('|') ?? '',
        NODE: traits.node ?? '',
      },
      ...(asUser ? { uid: 65534, gid: 65534 } : {}),
    });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const did = (await readFile(calls, 'utf8')).split('\n').filter((line) => line !== '');
    return { code, said, did };
  }
}
