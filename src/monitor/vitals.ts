import { unknownHealth, type Health } from '../system/health.js';

const healthEveryMs = 5000;

/** The machine's health, read now and then, so that a status answers from memory. */
export class Vitals {
  health: Health = unknownHealth;
  private highest: number | null = null;
  private seen = new Set<string>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly read: () => Promise<Health>) {}

  async start(): Promise<void> {
    this.timer = setInterval(() => void this.readHealth(), healthEveryMs).unref();
    await this.readHealth();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** From here on `worst` is counted: a recording begins. */
  mark(): void {
    this.highest = this.health.temperatureC;
    this.seen = new Set(this.health.throttled);
  }

  /** The worst there was since the mark. */
  worst(): { maxTemperatureC: number | null; throttled: string[]; undervoltage: boolean | null } {
    const throttled = [...this.seen];
    const undervoltage =
      this.health.undervoltage === null
        ? null
        : throttled.some((flag) => flag.startsWith('undervoltage'));
    return { maxTemperatureC: this.highest, throttled, undervoltage };
  }

  private async readHealth(): Promise<void> {
    this.health = await this.read();
    const { temperatureC, throttled } = this.health;
    if (temperatureC !== null) this.highest = Math.max(this.highest ?? -Infinity, temperatureC);
    for (const flag of throttled) this.seen.add(flag);
  }
}
