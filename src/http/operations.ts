import { demand } from './admission.js';
import { Once } from './once.js';
import type { Reply } from './reply.js';
import type { RequestCaller, RequestHeader, Route } from './route.js';
import { Router, type Match } from './router.js';

/** What is asked of a route, before anything of it is checked. */
export interface Asked {
  caller: RequestCaller;
  query: Record<string, string>;
  /** Called at once where the route takes a body. */
  body: () => Promise<unknown>;
  header: (name: RequestHeader) => string;
  /** With its parameters, without the query. */
  path: string;
  /** The same again is the same request, not another; empty: it has none. */
  key: string;
}

/** All that can be asked of a server, whichever way a question comes: by HTTP or through a broker. */
export class Operations {
  private readonly router: Router;
  private readonly once = new Once();

  constructor(routes: readonly Route[]) {
    this.router = new Router(routes);
  }

  get routes(): readonly Route[] {
    return this.router.routes;
  }

  /** Null where no route has this path. Throws MethodNotAllowed where others have it. */
  match(method: string, path: string): Match | null {
    return this.router.match(method, path);
  }

  /** Checks what is asked, and does it, once for each key. Rejects with what is wrong with it. */
  async perform({ route, params }: Match, asked: Asked): Promise<Reply> {
    const { caller, header, path, key: given } = asked;
    demand(caller, route.access);
    const query = route.checkQuery(asked.query);
    const body = route.checkBody === null ? undefined : route.checkBody(await asked.body());
    const key =
      given === '' || !repeatable(route) ? '' : `${caller.role} ${route.method} ${path} ${given}`;
    const content = JSON.stringify([query, body]);
    return this.once.run(key, content, async () =>
      route.handle({ params, query, body, header, caller }),
    );
  }
}

/** Whether its answer may be given to a second request: a GET changes nothing, and a session is one's own. */
function repeatable({ method, access }: Route): boolean {
  return method !== 'GET' && access !== 'anyone';
}
