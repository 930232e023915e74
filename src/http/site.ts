import type { Config } from '../config/schema.js';
import type { Route } from './route.js';
import type { AnySocketRoute } from './sockets.js';

/** What a server serves: one monitor, or a controller of many. */
export interface Site {
  /** Of the board, as it is announced. Anyone may say it; pairing proves it. */
  id: () => string;
  routes: Route[];
  sockets: AnySocketRoute[];
  /** The page `/` leads to, such as `/monitor.html`. */
  page: string;
  /** Asked anew for each request, for parts of it can change. */
  settings: () => Config['server'];
}
