import { Problem } from '../errors.js';
import type { Method, Route } from './route.js';

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** What a path offers to other methods, for 405's Allow. */
export class MethodNotAllowed extends Problem {
  constructor(readonly allow: string) {
    super('method-not-allowed', `Here one can ${allow}.`);
  }
}

interface Entry {
  segments: string[];
  routes: Partial<Record<Method, Route>>;
}

/** Finds a request's route by method and path. */
export class Router {
  private readonly entries: Entry[] = [];

  constructor(readonly routes: readonly Route[]) {
    for (const one of routes) {
      const known = this.entries.find(({ segments }) => segments.join('/') === one.path);
      const entry = known ?? { segments: one.path.split('/'), routes: {} };
      if (known === undefined) this.entries.push(entry);
      entry.routes[one.method] = one;
    }
  }

  /** Null where no route has this path. Throws MethodNotAllowed where others have it. */
  match(method: string, path: string): Match | null {
    const parts = path.split('/');
    for (const { segments, routes } of this.entries) {
      const params = paramsOf(segments, parts);
      if (params === null) continue;
      const found = routes[method as Method];
      if (found !== undefined) return { route: found, params };
      throw new MethodNotAllowed(allowed(routes));
    }
    return null;
  }
}

function allowed(routes: Entry['routes']): string {
  const methods = Object.keys(routes);
  return (methods.includes('GET') ? ['HEAD', ...methods] : methods).join(', ');
}

function paramsOf(segments: string[], parts: string[]): Record<string, string> | null {
  const takesRest = segments.at(-1)?.endsWith('*') === true;
  if (takesRest ? parts.length < segments.length : segments.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const part = parts[i] ?? '';
    if (segment.endsWith('*')) {
      params[segment.slice(1)] = parts.slice(i).join('/'); // as it came, for whoever passes it on
      break;
    }
    if (!segment.startsWith(':')) {
      if (segment !== part) return null;
      continue;
    }
    params[segment.slice(1)] = decoded(part);
  }
  return params;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Problem('malformed', 'The path has a broken % sequence.');
  }
}
