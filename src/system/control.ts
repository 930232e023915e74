import { Problem } from '../errors.js';
import { runCommand } from './run-command.js';

/** What one can have the machine do; each reboots or ends the program. */
export const systemActions = ['restart', 'reboot', 'shutdown'] as const;
export type SystemAction = (typeof systemActions)[number];

/** The machine and this program, as far as the API has a hand in them. */
export class SystemControl {
  private resolveRestart!: () => void;
  /** Resolves when somebody wants the program started afresh. */
  readonly restartAsked = new Promise<void>((resolve) => (this.resolveRestart = resolve));

  /** `supervised`: something starts the program again when it ends. */
  constructor(private readonly supervised: boolean) {}

  /** Resolves once it is under way. Throws `not-available` or `not-permitted`. */
  async act(action: SystemAction): Promise<void> {
    switch (action) {
      case 'restart':
        this.restart();
        break;
      case 'reboot':
        await runCommand('systemctl', ['--no-ask-password', 'reboot']);
        break;
      case 'shutdown':
        await runCommand('systemctl', ['--no-ask-password', 'poweroff']);
        break;
    }
  }

  private restart(): void {
    if (!this.supervised) {
      throw new Problem(
        'not-available',
        'systemd did not start pi-monitor, so nothing would start it again: do it by hand.',
      );
    }
    this.resolveRestart();
  }
}
