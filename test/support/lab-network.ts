import { execFileSync } from 'node:child_process';

/** Of no network that a machine is usually on; another one in each process. */
const net = `10.213.${process.pid % 256}`;
const prefix = 24;
/** This machine's address on it. */
export const switchAddress = `${net}.1`;

/**
 * A switch with several machines at it, each a network namespace with an address of its own; this machine
 * is the switch's first address. Only root can make one.
 */
export class LabNetwork {
  /** Short, for interfaces are named at most 15 characters. */
  private readonly tag = `pm${process.pid % 100_000}`;
  readonly machines: readonly string[];

  constructor(count: number) {
    this.machines = Array.from({ length: count }, (_, i) => `${this.tag}m${i}`);
  }

  /** Throws where the kernel or the user's rights do not allow it; `remove` clears what was made. */
  make(): void {
    ip('link', 'add', this.tag, 'type', 'bridge');
    ip('address', 'add', `${switchAddress}/${prefix}`, 'dev', this.tag);
    ip('link', 'set', this.tag, 'up');
    for (const [i, name] of this.machines.entries()) {
      const near = `${this.tag}v${i}`;
      ip('netns', 'add', name);
      ip('link', 'add', near, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      ip('link', 'set', near, 'master', this.tag);
      ip('link', 'set', near, 'up');
      ip('-n', name, 'link', 'set', 'lo', 'up');
      ip('-n', name, 'link', 'set', 'eth0', 'up');
      ip('-n', name, 'address', 'add', `${this.address(i)}/${prefix}`, 'dev', 'eth0');
    }
  }

  remove(): void {
    for (const [i, name] of this.machines.entries()) {
      // What still closes in a namespace keeps it, and its link, for a while after it has no name.
      attempt(() => ip('link', 'delete', `${this.tag}v${i}`));
      attempt(() => ip('netns', 'delete', name));
    }
    attempt(() => ip('link', 'delete', this.tag));
  }

  /** Of the machine with this index. */
  address(index: number): string {
    return `${net}.${10 + index}`;
  }

  /** From here on the machine sends no faster than this. */
  limit(index: number, megabitsPerSecond: number): void {
    const name = this.machines[index] ?? '';
    const bucket = ['rate', `${megabitsPerSecond}mbit`, 'burst', '64kb', 'latency', '50ms'];
    const where = ['netns', 'exec', name, 'tc', 'qdisc', 'add', 'dev', 'eth0'];
    ip(...where, 'root', 'tbf', ...bucket);
  }

  /** From here on no more than this reaches the machine, as through a router at the end of a thin line. */
  limitTowards(index: number, megabitsPerSecond: number): void {
    const bucket = ['rate', `${megabitsPerSecond}mbit`, 'burst', '5kb', 'latency', '400ms'];
    run('tc', 'qdisc', 'add', 'dev', `${this.tag}v${index}`, 'root', 'tbf', ...bucket);
  }

  /** The machine gets another address, as a router may give it; returns that. */
  readdress(index: number): string {
    const name = this.machines[index] ?? '';
    const address = `${net}.${110 + index}`;
    ip('-n', name, 'address', 'delete', `${this.address(index)}/${prefix}`, 'dev', 'eth0');
    ip('-n', name, 'address', 'add', `${address}/${prefix}`, 'dev', 'eth0');
    return address;
  }
}

function ip(...args: string[]): void {
  run('ip', ...args);
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function attempt(deed: () => void): void {
  try {
    deed();
  } catch {
    // It was not made.
  }
}
