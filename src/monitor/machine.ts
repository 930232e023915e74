import type { Logger } from '../log.js';
import type { Addon, EncoderNode } from '../native.js';
import { readBootId } from '../system/boot-id.js';
import { loadIdentity } from '../system/identity.js';
import type { Surroundings } from './surroundings.js';

/** What holds for this machine as long as the program runs; found out when it starts. */
export class Machine {
  readonly host: string;
  /** Of the monitor; empty until `identify`. */
  id = '';
  bootId: string | null = null;
  /** The hardware encoder; null where there is none. */
  encoder: EncoderNode | null = null;

  constructor(
    private readonly addon: Pick<Addon, 'findEncoder'>,
    private readonly dataFolder: string,
    private readonly log: Logger,
    private readonly surroundings: Pick<Surroundings, 'host' | 'boardSerial'>,
  ) {
    this.host = surroundings.host;
  }

  /** Opens device nodes, so it is done once. */
  async look(): Promise<void> {
    this.encoder = this.addon.findEncoder();
    this.bootId = await readBootId();
  }

  /** To be called once the data folder is there. */
  async identify(): Promise<void> {
    this.id = (
      await loadIdentity(this.dataFolder, await this.surroundings.boardSerial(), this.log)
    ).id;
  }
}
