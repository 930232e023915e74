import { fileURLToPath } from 'node:url';
import type { Gate } from '../access/gate.js';
import { Problem, toProblem } from '../errors.js';
import type { Logger } from '../log.js';
import { LedToPage } from './access-point.js';
import { Admission } from './admission.js';
import { readJsonBody, type BodyHeaders } from './body.js';
import { Exchange } from './exchange.js';
import { Operations } from './operations.js';
import { readQuery } from './query.js';
import { problemReply, redirect } from './reply.js';
import { requestHeaders, type RequestCaller, type RequestHeader } from './route.js';
import { MethodNotAllowed, type Match } from './router.js';
import { handshakeRoute } from './routes/handshake.js';
import { openApiRoute } from './routes/openapi.js';
import { sessionRoutes } from './routes/session.js';
import type { Site } from './site.js';
import { socketHint, Sockets } from './sockets.js';
import { StaticFiles } from './static-files.js';
import { createApp } from './tls.js';
import {
  listenExclusively,
  loadUws,
  type HttpRequest,
  type HttpResponse,
  type ListenSocket,
  type TemplatedApp,
} from './uws.js';
import { Visits } from './visits.js';

/** The built page. Compiled, this file is build/src/http/server.js. */
const webFolder = fileURLToPath(new URL('../../web', import.meta.url));

/** Serves a monitor or a controller over HTTP and WebSocket. */
export class HttpServer {
  /** 0 until it listens. */
  port = 0;
  readonly operations: Operations;

  private readonly uws = loadUws();
  private readonly app: TemplatedApp;
  private readonly admission: Admission;
  private readonly visits = new Visits();
  private readonly sockets: Sockets;
  private pages: StaticFiles | null = null;
  private listening: ListenSocket | null = null;

  constructor(
    private readonly site: Site,
    gate: Gate,
    private readonly log: Logger,
  ) {
    const { app, scheme } = createApp(this.uws, site.settings());
    this.app = app;
    this.admission = new Admission(gate, site.settings, scheme, () => this.port);
    this.operations = new Operations([
      ...site.routes,
      ...site.sockets.map(socketHint),
      ...sessionRoutes(gate, site.id, (value, maxAgeS) => this.admission.cookie(value, maxAgeS)),
      handshakeRoute(gate),
      openApiRoute(() => this.operations.routes),
    ]);
    this.sockets = new Sockets(this.app, this.admission, this.visits);
    gate.onChange(() => this.visits.closeUnwelcome());
    for (const socket of site.sockets) this.sockets.add(socket);
    this.app.any('/*', (res, req) => this.onRequest(res, req));
  }

  /** Throws a Problem where the port is taken or the address is not this machine's. */
  async listen(): Promise<void> {
    this.pages = await StaticFiles.load(webFolder);
    if (this.pages.isEmpty) this.log.warn({ folder: webFolder }, 'The page is not built.');
    const { host, port } = this.site.settings();
    const socket = await listenExclusively(this.app, host, port);
    if (socket === false) throw cannotListen(host, port);
    this.listening = socket;
    this.port = this.uws.us_socket_local_port(socket);
    this.log.info({ host, port: this.port }, 'Listening.');
  }

  /** No new connections; those that are open go on. */
  stopListening(): void {
    if (this.listening !== null) this.uws.us_listen_socket_close(this.listening);
    this.listening = null;
  }

  /** Says goodbye to the viewers and drops every connection. */
  close(): void {
    this.stopListening();
    this.visits.stop();
    this.sockets.closeAll();
    this.app.close();
  }

  /** All that is read of `req` is read before the first await: it is gone afterwards. */
  private onRequest(res: HttpResponse, req: HttpRequest): void {
    const head = req.getMethod() === 'head';
    const exchange = new Exchange(res, head, this.admission.headers(req));
    try {
      const caller = this.admission.admit(res, req, false);
      exchange.signed = caller.signed;
      const path = req.getUrl();
      const method = head ? 'GET' : req.getMethod().toUpperCase();
      const match = this.operations.match(method, path);
      if (match !== null) this.answer(exchange, req, match, caller);
      else this.sendPage(exchange, method, path, req.getHeader('if-none-match'));
    } catch (error) {
      if (error instanceof LedToPage) exchange.send(redirect(error.origin + this.site.page));
      else this.sendFailure(exchange, error);
    }
  }

  private answer(exchange: Exchange, req: HttpRequest, match: Match, caller: RequestCaller): void {
    const headers = new Map(requestHeaders.map((name) => [name, req.getHeader(name)]));
    const asked = {
      caller,
      query: readQuery(req),
      body: () => readJsonBody(exchange, bodyHeaders(req, caller), match.route.bodyLimit),
      header: (name: RequestHeader) => headers.get(name) ?? '',
      path: req.getUrl(),
      key: req.getHeader('idempotency-key'),
    };
    this.operations
      .perform(match, asked)
      .then(
        (reply) => {
          exchange.send(reply);
          this.keepWatch(exchange, caller);
        },
        (error: unknown) => this.sendFailure(exchange, error),
      )
      .catch((error: unknown) => this.log.error({ err: error }, 'An answer failed.'));
  }

  /** An answer that goes on writing itself is broken off once its caller is not let in any more. */
  private keepWatch(exchange: Exchange, { holds }: RequestCaller): void {
    if (exchange.over) return;
    const left = this.visits.add({ holds, close: () => exchange.breakOff() });
    exchange.whenOver(left);
  }

  private sendPage(exchange: Exchange, method: string, path: string, ifNoneMatch: string): void {
    const page = this.pages?.reply(path, ifNoneMatch) ?? null;
    if (page !== null && method === 'GET') exchange.send(page);
    else if (page !== null) throw new MethodNotAllowed('GET, HEAD');
    else if (path === this.site.page) {
      throw new Problem('not-found', 'The page is not built: run "npm start" once.');
    } else throw new Problem('not-found', `There is nothing at ${path.slice(0, 200)}.`);
  }

  private sendFailure(exchange: Exchange, error: unknown): void {
    const problem = toProblem(error);
    if (problem.code === 'internal') this.log.error({ err: error }, 'A request failed.');
    exchange.send(problemReply(problem));
  }
}

function bodyHeaders(req: HttpRequest, { signed }: RequestCaller): BodyHeaders {
  return {
    contentType: req.getHeader('content-type'),
    contentLength: req.getHeader('content-length'),
    signedContent: signed?.content ?? null,
  };
}

function cannotListen(host: string, port: number): Problem {
  const where = host === 'all' ? `port ${port}` : `${host} port ${port}`;
  return new Problem(
    'unreachable',
    `Cannot listen on ${where}: another program may have it, or it is not an address of this ` +
      'machine. Choose another with --port or --host.',
  );
}
