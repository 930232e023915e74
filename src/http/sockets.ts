import type { TObject, Static } from '@sinclair/typebox';
import { queryValidator } from '../config/validate.js';
import { Problem } from '../errors.js';
import { demand, type Admission } from './admission.js';
import { answersNothing } from './answer.js';
import { Exchange } from './exchange.js';
import { readQuery } from './query.js';
import { route, type Route } from './route.js';
import type { TemplatedApp, WebSocket } from './uws.js';
import type { Visits } from './visits.js';

/** One open WebSocket's handlers. */
export interface SocketHandlers {
  onMessage: (message: ArrayBuffer, isBinary: boolean) => void;
  onDrain: () => void;
  onClose: () => void;
}

interface SocketData {
  query: Static<TObject>;
  /** Whether its caller would still be let in. */
  holds: () => boolean;
  handlers: SocketHandlers | null;
  /** To be called once it is closed. */
  left: () => void;
}

export interface SocketRoute<S extends TObject> {
  path: string;
  /** A line, without a full stop. */
  summary: string;
  /** What is said on it, in both directions. */
  description: string;
  query: S;
  /** Largest message a client may send, bytes. */
  maxMessage: number;
  /** Bytes held back in this process for a client; with more it is closed if `closeWhenFull`. */
  maxBuffered: number;
  closeWhenFull: boolean;
  open: (socket: WebSocket<unknown>, query: Static<S>) => SocketHandlers;
}

/** A row of the table of sockets, whatever its query. */
export type AnySocketRoute = SocketRoute<TObject>;

/** Describes a socket; its `open` gets the type of its query. */
export function socketRoute<S extends TObject>(spec: SocketRoute<S>): AnySocketRoute {
  return { ...spec, open: (socket, query) => spec.open(socket, query) };
}

/** What a client that goes quietly is noticed by, seconds; pings are sent in between. */
const idleTimeout = 60;

export const goingAway = 1001;
/** RFC 6455, section 7.4.1: what is said does not agree with a policy. */
const noLongerLetIn = 1008;

/** Describes a socket in the API, and tells those who come without an upgrade. */
export function socketHint({ path, query, summary, description }: AnySocketRoute): Route {
  return route({
    method: 'GET',
    path,
    summary,
    description,
    answer: answersNothing('The WebSocket is open.', 101),
    query,
    handle: () => {
      throw new Problem('malformed', 'This address speaks WebSocket only.');
    },
  });
}

/** The WebSockets of a server: let in like every request. */
export class Sockets {
  private readonly open = new Set<WebSocket<SocketData>>();

  constructor(
    private readonly app: TemplatedApp,
    private readonly admission: Admission,
    private readonly visits: Visits,
  ) {}

  add(route: AnySocketRoute): void {
    const check = queryValidator(route.query);
    this.app.ws<SocketData>(route.path, {
      maxPayloadLength: route.maxMessage,
      maxBackpressure: route.maxBuffered,
      closeOnBackpressureLimit: route.closeWhenFull,
      idleTimeout,
      upgrade: (res, req, context) => {
        try {
          const caller = this.admission.admit(res, req, true);
          demand(caller, 'view');
          const query = check(readQuery(req));
          const { holds } = caller;
          const data: SocketData = { query, holds, handlers: null, left: () => undefined };
          res.upgrade(
            data,
            req.getHeader('sec-websocket-key'),
            req.getHeader('sec-websocket-protocol'),
            req.getHeader('sec-websocket-extensions'),
            context,
          );
        } catch (error) {
          new Exchange(res, false, this.admission.headers(req)).sendError(error);
        }
      },
      open: (socket) => {
        this.open.add(socket);
        const data = socket.getUserData();
        data.left = this.visits.add({
          holds: data.holds,
          close: () => socket.end(noLongerLetIn, 'sign in again'),
        });
        data.handlers = route.open(socket, data.query);
      },
      message: (socket, message, isBinary) => {
        socket.getUserData().handlers?.onMessage(message, isBinary);
      },
      drain: (socket) => socket.getUserData().handlers?.onDrain(),
      close: (socket) => {
        this.open.delete(socket);
        socket.getUserData().left();
        socket.getUserData().handlers?.onClose();
      },
    });
  }

  closeAll(): void {
    for (const socket of [...this.open]) socket.end(goingAway, 'the server stops');
  }
}
