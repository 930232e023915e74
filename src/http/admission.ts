import { hostname } from 'node:os';
import type { Gate } from '../access/gate.js';
import { includesRole } from '../access/role.js';
import type { Config } from '../config/schema.js';
import { Problem } from '../errors.js';
import { accessPointOrigin, LedToPage } from './access-point.js';
import { formatAddress, parseNetwork, unmapped, type Network } from './addresses.js';
import { readCookie, setCookie } from './cookies.js';
import { guard } from './guard.js';
import { OwnNetworks } from './own-networks.js';
import type { Headers } from './reply.js';
import type { Access, RequestCaller } from './route.js';
import { securityHeaders } from './security-headers.js';
import type { HttpRequest, HttpResponse } from './uws.js';

/** Who is let in to one server, and what goes on every answer. */
export class Admission {
  private readonly ownNetworks = new OwnNetworks();

  constructor(
    private readonly gate: Gate,
    private readonly settings: () => Config['server'],
    private readonly scheme: 'http' | 'https',
    /** Cookies go to all ports of a host, so that each server's has a name of its own. */
    private readonly port: () => number,
  ) {}

  /**
   * Who asks. Throws where the address, the Host or the Origin keeps the caller out, and LedToPage
   * where it is a visitor of the access point who asked for another name.
   */
  admit(res: HttpResponse, req: HttpRequest, upgrade: boolean): RequestCaller {
    const { allowFrom, hostNames } = this.settings();
    const peer = new Uint8Array(res.getRemoteAddress());
    const caller = {
      peer,
      host: req.getHeader('host'),
      origin: req.getHeader('origin'),
      method: req.getMethod().toUpperCase(),
      upgrade,
    };
    const refusalBy = (ownNetworks: readonly Network[]) =>
      guard(caller, {
        scheme: this.scheme,
        ownNetworks,
        allowFrom: allowFrom.flatMap((text) => parseNetwork(text) ?? []),
        ownName: hostname(),
        hostNames,
      });
    const refusal =
      refusalBy(this.ownNetworks.list()) && refusalBy(this.ownNetworks.list('refusal'));
    if (refusal?.code === 'forbidden-host') {
      const here = { scheme: this.scheme, port: this.port() };
      const origin = accessPointOrigin(caller, this.ownNetworks.list('refusal'), here);
      if (origin !== null) throw new LedToPage(origin);
    }
    if (refusal !== null) throw refusal;
    const recognised = this.gate.recognise({
      authorization: req.getHeader('authorization'),
      session: readCookie(req.getHeader('cookie'), this.cookieName),
      line: {
        method: caller.method,
        target: targetOf(req),
        role: req.getHeader('pi-monitor-role'),
        idempotencyKey: req.getHeader('idempotency-key'),
      },
    });
    return { address: formatAddress(unmapped(peer)), ...recognised };
  }

  headers(req: HttpRequest): Headers {
    return securityHeaders(this.scheme, req.getHeader('host'));
  }

  cookie(value: string, maxAgeS: number): string {
    return setCookie(this.cookieName, value, { maxAgeS, secure: this.scheme === 'https' });
  }

  private get cookieName(): string {
    return `pi-monitor-${this.port()}`;
  }
}

/** The path with the query, as it came. */
function targetOf(req: HttpRequest): string {
  // The type says string; without a question mark it is undefined.
  const query = req.getQuery() as string | undefined;
  return query === undefined ? req.getUrl() : `${req.getUrl()}?${query}`;
}

/** Throws where the caller's role is not enough. */
export function demand({ role, by }: RequestCaller, access: Access): void {
  if (access === 'anyone') return;
  if (role === null) {
    throw new Problem('unauthorised', 'Sign in on the page, or send a token that is known here.');
  }
  if (access === 'page' && by !== 'page') {
    throw new Problem('forbidden-role', "This is done on this machine's own page alone.");
  }
  if (includesRole(role, access === 'page' ? 'operate' : access)) return;
  throw new Problem(
    'forbidden-role',
    'Viewers only look: sign in with the password that operates.',
  );
}
