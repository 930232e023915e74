/** Picks from a class's frames those that a viewer wants who asked for fewer, by sensor time. */
export class Pace {
  private nextNs = 0;

  /** @param intervalNs between the frames wanted; @param slackNs half of that between those offered. */
  constructor(
    private intervalNs: number,
    private slackNs: number,
  ) {}

  set(intervalNs: number, slackNs: number): void {
    this.intervalNs = intervalNs;
    this.slackNs = slackNs;
  }

  due(sensorNs: number): boolean {
    if (sensorNs < this.nextNs - this.slackNs) return false;
    const following = this.nextNs + this.intervalNs;
    this.nextNs = following > sensorNs ? following : sensorNs + this.intervalNs;
    return true;
  }
}
