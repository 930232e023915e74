import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** How a network link is; `unplugged`: nothing listens at the address any more. */
export type LinkState = 'up' | 'slow' | 'dead' | 'unplugged';

const slowMs = 3000;

/**
 * A network link on loopback: an address of its own, from which bytes go to a server of this process and
 * back. What a dead link holds back comes through once it is up again, as TCP does it.
 */
export class Link {
  private state: LinkState = 'up';
  private readonly connections = new Set<Connection>();
  private server: Server | null = null;
  private port = 0;

  /** `target`: the port of the server, which may change as that is started again. */
  constructor(private readonly target: () => number) {}

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async open(): Promise<void> {
    const server = createServer({ allowHalfOpen: false }, (socket) => this.accept(socket));
    this.server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
  }

  async set(state: LinkState): Promise<void> {
    this.state = state;
    if (state === 'unplugged') {
      this.close();
      return;
    }
    for (const connection of this.connections) connection.set(state);
    if (this.server === null) await this.open();
  }

  close(): void {
    this.server?.close();
    this.server = null;
    for (const connection of this.connections) connection.end();
  }

  private accept(near: Socket): void {
    const connection = new Connection(near, this.target(), () => {
      this.connections.delete(connection);
    });
    this.connections.add(connection);
    connection.set(this.state);
  }
}

class Connection {
  private readonly far: Socket;
  private delayMs = 0;
  private dead = false;

  constructor(
    private readonly near: Socket,
    port: number,
    onEnd: () => void,
  ) {
    this.far = connect(port, '127.0.0.1');
    for (const socket of [near, this.far]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined); // 'close' follows
    }
    near.on('data', (bytes: Buffer) => this.toServer(bytes));
    this.far.on('data', (bytes: Buffer) => this.toClient(bytes));
    near.on('close', () => this.far.destroy());
    this.far.on('close', () => this.near.destroySoon());
    this.far.on('drain', () => this.flow());
    near.on('drain', () => this.flow());
    near.on('close', onEnd);
  }

  set(state: LinkState): void {
    this.delayMs = state === 'slow' ? slowMs : 0;
    this.dead = state === 'dead';
    this.flow();
  }

  end(): void {
    this.near.destroy();
    this.far.destroy();
  }

  private toServer(bytes: Buffer): void {
    // Equal delays keep the order; what is asked is small, so it need not be held back.
    if (this.delayMs > 0) setTimeout(() => this.far.write(bytes), this.delayMs);
    else if (!this.far.write(bytes)) this.near.pause();
  }

  private toClient(bytes: Buffer): void {
    if (!this.near.write(bytes)) this.far.pause();
  }

  private flow(): void {
    for (const [from, to] of [
      [this.near, this.far],
      [this.far, this.near],
    ] as const) {
      if (this.dead || to.writableNeedDrain) from.pause();
      else from.resume();
    }
  }
}
