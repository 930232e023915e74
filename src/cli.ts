#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ControllerCommandOptions } from './commands/controller.js';
import type { DoctorOptions } from './commands/doctor.js';
import type { MonitorOptions } from './commands/monitor.js';
import type { RecordOptions } from './commands/record.js';
import type { PasswdOptions } from './commands/passwd.js';
import type { TokenOptions, TokensOptions } from './commands/token.js';
import { parseDuration } from './config/duration.js';
import { roles } from './access/role.js';
import { logLevels } from './log.js';
import { toProblem } from './errors.js';
import { piMonitorVersion } from './system/version.js';

const encoders = ['auto', 'v4l2', 'software'];

function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number between ${min} and ${max}.`);
  };
}

function between(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be between ${min} and ${max}.`);
  };
}

function size(text: string): { width: number; height: number } {
  const match = /^(\d{3,4})x(\d{3,4})$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Write it as 1280x720.');
  return { width: Number(match[1]), height: Number(match[2]) };
}

function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('Write 90s, 15m, 2h or inf.');
  return ms;
}

// A command's modules are loaded when it runs: passwd and --help need not wait for the whole server.
const program = new Command('pi-monitor')
  .description('A Raspberry Pi, or any Linux machine, as a camera for the laboratory.')
  .version(piMonitorVersion);

program
  .command('monitor')
  .description('serve the camera: the page, the API, recordings')
  .option('--port <number>', 'port to listen on; 0 takes any free one (8000)', whole(0, 65_535))
  .option('--host <address>', 'address to listen on (all interfaces)')
  .option('--data <folder>', 'folder of the recordings (~/pi-monitor)')
  .option('--config <file>', 'configuration file (config.json in the data folder)')
  .option('--camera <id>', 'camera as listed by "cameras", auto or synthetic')
  .addOption(new Option('--encoder <kind>', 'which encoder to use').choices(encoders))
  .addOption(new Option('--log <level>', 'what to log').choices(logLevels).default('info'))
  .action(async (options: MonitorOptions) =>
    (await import('./commands/monitor.js')).runMonitor(options),
  );

program
  .command('controller')
  .description('serve many monitors: one page and one API for all of them')
  .option('--port <number>', 'port to listen on; 0 takes any free one (8000)', whole(0, 65_535))
  .option('--host <address>', 'address to listen on (all interfaces)')
  .option('--data <folder>', 'folder of the fleet and of what is fetched (~/pi-monitor)')
  .option('--config <file>', 'configuration file (controller.json in the data folder)')
  .addOption(
    new Option('--rehearse <monitors>', 'practise with so many simulated monitors; nothing is kept')
      .argParser(whole(1, 300))
      .conflicts(['data', 'config']),
  )
  .option('--faults <file>', 'what befalls the simulated monitors; none: what the page asks for')
  .addOption(new Option('--log <level>', 'what to log').choices(logLevels).default('info'))
  .action(async (options: ControllerCommandOptions) =>
    (await import('./commands/controller.js')).runController(options),
  );

program
  .command('cameras')
  .description('list the cameras that could be opened, and say which libcamera there is')
  .action(async () => (await import('./commands/cameras.js')).listCameras());

program
  .command('doctor')
  .description(
    'examine this machine: what would keep it from recording, and what to do; 1: something',
  )
  .option('--json', 'print {"checks": [{id, title, state, detail, remedy}]}')
  .option('--data <folder>', 'folder of the recordings (~/pi-monitor)')
  .option('--port <number>', 'port the monitor would listen on (8000)', whole(0, 65_535))
  .option('--config <file>', 'configuration file (config.json in the data folder)')
  .action(async (options: DoctorOptions) => (await import('./commands/doctor.js')).doctor(options));

program
  .command('record')
  .description('record to a file without a server; 0: all recorded, 2: frames were lost, 1: failed')
  .requiredOption('--output <file>', 'video file to make (.mp4); it must not exist')
  .option('--duration <time>', '90s, 15m, 2h, or inf until stopped', durationMs, Infinity)
  .option('--camera <id>', 'camera as listed by "cameras", auto or synthetic', 'auto')
  .option('--size <pixels>', 'size of the picture, e.g. 1280x720', size, {
    width: 1280,
    height: 720,
  })
  .option('--fps <rate>', 'pictures a second', between(1, 240), 30)
  .addOption(new Option('--encoder <kind>', 'which encoder').choices(encoders).default('auto'))
  .option('--quality <crf>', "the software encoder's rate factor, 0 to 51", whole(0, 51), 23)
  .option('--preset <name>', 'preset of the software encoder', 'superfast')
  .option('--bitrate <Mb/s>', "the hardware encoder's; 0: by the size", between(0, 25), 0)
  .action(async (options: RecordOptions) => (await import('./commands/record.js')).record(options));

program
  .command('passwd')
  .description('set or remove the password of the page and the API')
  .option('--view', 'the password of those who only look', false)
  .option('--remove', 'remove it; without the first one nobody is asked for any', false)
  .option('--stdin', 'read it from standard input instead of asking for it', false)
  .option('--data <folder>', 'folder of the recordings (~/pi-monitor)')
  .option('--config <file>', 'configuration file (config.json in the data folder)')
  .action(async (options: PasswdOptions) => (await import('./commands/passwd.js')).passwd(options));

const token = program.command('token').description('tokens, by which programs come in');

token
  .command('create')
  .description('make a token, and print it this once')
  .addOption(new Option('--role <role>', 'what it may do').choices(roles).default('view'))
  .option('--label <text>', 'what it is for', '')
  .option('--data <folder>', 'folder of the recordings (~/pi-monitor)')
  .option('--config <file>', 'configuration file (config.json in the data folder)')
  .action(async (options: TokenOptions) =>
    (await import('./commands/token.js')).createToken(options),
  );

token
  .command('list')
  .description('the tokens there are, without their secrets')
  .option('--data <folder>', 'folder of the recordings (~/pi-monitor)')
  .option('--config <file>', 'configuration file (config.json in the data folder)')
  .action(async (options: TokensOptions) =>
    (await import('./commands/token.js')).listTokens(options),
  );

token
  .command('revoke <id>')
  .description('forget a token: whoever has it is kept out')
  .option('--data <folder>', 'folder of the recordings (~/pi-monitor)')
  .option('--config <file>', 'configuration file (config.json in the data folder)')
  .action(async (id: string, options: TokensOptions) =>
    (await import('./commands/token.js')).revokeToken(id, options),
  );

program
  .command('repair')
  .description('make recordings whole that were broken off; 0: all are, 1: not all')
  .argument('<folder>', "a recording's folder, or a folder of recordings")
  .action(async (folder: string) => (await import('./commands/repair.js')).repair(folder));

try {
  await program.parseAsync();
} catch (error) {
  console.error(toProblem(error).detail);
  process.exit(1); // whatever was begun before it failed
}
