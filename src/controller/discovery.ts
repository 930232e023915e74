import { isIPv4 } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Bonjour, type Browser, type Service } from 'bonjour-service';

/** A monitor that announces itself on this network (mDNS, `_pi-monitor._tcp`). */
export interface Sighting {
  id: string;
  name: string;
  address: string;
}

/** How long answers to a question are waited for (RFC 6762, section 6: within half a second). */
const answerMs = 1500;
const askEveryMs = 60_000;

/**
 * Listens for monitors that announce themselves, and asks now and then: routers forget who listens.
 * Where multicast does not work nothing is found, and nothing else suffers.
 */
export class Discovery {
  private readonly seen = new Map<string, Sighting>();
  private bonjour: Bonjour | null = null;
  private browser: Browser | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly onSighting: (sighting: Sighting) => void,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

  start(): void {
    this.bonjour = new Bonjour(undefined, this.onTrouble);
    this.browser = this.bonjour.find({ type: 'pi-monitor' });
    this.browser.on('up', (service: Service) => this.take(service));
    this.browser.on('txt-update', (service: Service) => this.take(service));
    this.timer = setInterval(() => this.browser?.update(), askEveryMs);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.browser?.stop();
    this.bonjour?.destroy();
  }

  /** Asks now; resolves with all that were found since the start. */
  async look(): Promise<Sighting[]> {
    this.browser?.update();
    await delay(answerMs);
    return [...this.seen.values()];
  }

  private take({ name, port, host, addresses = [], txt }: Service): void {
    const id = (txt as Record<string, unknown> | undefined)?.['id'];
    if (typeof id !== 'string' || id === '') return;
    // The kernel cannot resolve .local everywhere, and a link-local IPv6 address needs its interface.
    const where = addresses.find(isIPv4) ?? host;
    const sighting = { id, name, address: `${where}:${port}` };
    this.seen.set(id, sighting);
    this.onSighting(sighting);
  }
}
