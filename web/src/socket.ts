export type LinkState = 'closed' | 'connecting' | 'open' | 'waiting';

export interface SocketHandlers {
  /** Path and query below this host, asked anew at each attempt. */
  path: () => string;
  onMessage: (data: string | ArrayBuffer) => void;
  onState: (state: LinkState) => void;
  /** The server has ended it, with a code of its own; it is tried again all the same. */
  onRefused?: (code: number) => void;
}

const firstWaitMs = 500;
const longestWaitMs = 8000;
/** Close codes from here on are a server's own (RFC 6455). */
const ownCodes = 4000;

/** A WebSocket to this page's own server that comes back by itself, waiting longer after each failure. */
export class ReconnectingSocket {
  readonly #handlers: SocketHandlers;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waitMs = firstWaitMs;

  constructor(handlers: SocketHandlers) {
    this.#handlers = handlers;
  }

  /** Connects; an open or waiting connection is given up for a new one, now. */
  open(): void {
    this.#drop();
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}${this.#handlers.path()}`);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#handlers.onState('connecting');
    socket.onopen = () => this.#handlers.onState('open');
    socket.onmessage = (message: MessageEvent<string | ArrayBuffer>) => {
      // Only a message proves that the server works: one that accepts and closes must not be hammered.
      this.#waitMs = firstWaitMs;
      this.#handlers.onMessage(message.data);
    };
    socket.onclose = ({ code }) => {
      this.#again();
      if (code >= ownCodes) this.#handlers.onRefused?.(code);
    };
  }

  close(): void {
    this.#drop();
    this.#waitMs = firstWaitMs;
    this.#handlers.onState('closed');
  }

  send(message: ArrayBuffer | string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(message);
  }

  #again(): void {
    this.#drop();
    this.#handlers.onState('waiting');
    // Spread, so that many pages do not return to a restarted server in the same instant.
    this.#timer = setTimeout(() => this.open(), this.#waitMs * (0.75 + Math.random() / 2));
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
