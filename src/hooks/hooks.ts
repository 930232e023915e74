import { setTimeout as delay } from 'node:timers/promises';
import { parseDuration } from '../config/duration.js';
import type { Config } from '../config/schema.js';
import { Problem } from '../errors.js';
import { graceMs, runCommand } from './command.js';
import { environmentOf, hookFailure, type HookEvent, type HookMoment } from './hook-event.js';
import { postWebhook } from './webhook.js';

/** More calls of one hook than these are dropped, and that is told. */
const mostWaiting = 50;
const defaultTimeout = '30s';
/** What is under way when the program ends has so long to end as well. */
const goodbyeMs = 1000;
/** From a kill to the end; only what a dead disk holds takes longer, and nobody waits for that. */
const killedMs = 500;

/** Calls those outside who are named in the configuration file. Nobody waits for them. */
export class Hooks {
  private readonly hooks: Hook[];
  private readonly goodbye = new AbortController();

  constructor(
    { commands, webhooks }: Config['hooks'],
    private readonly onTrouble: (problem: Problem) => void,
  ) {
    const { signal } = this.goodbye;
    this.hooks = [
      ...commands.map((one) =>
        this.hook(one, (event, tooLate) =>
          runCommand(one.command, environmentOf(event), AbortSignal.any([signal, tooLate])),
        ),
      ),
      ...webhooks.map((one) =>
        this.hook(one, (event, tooLate) =>
          postWebhook(one.url, event, AbortSignal.any([signal, tooLate])),
        ),
      ),
    ];
  }

  /** Returns at once. */
  call(event: HookEvent): void {
    for (const hook of this.hooks) hook.call(event);
  }

  /** Gives what is under way a moment, then ends it; resolves once it is gone, in bounded time. */
  async stop(): Promise<void> {
    const idle = Promise.all(this.hooks.map((hook) => hook.idle));
    await Promise.race([idle, delay(goodbyeMs)]);
    for (const hook of this.hooks) hook.forget();
    this.goodbye.abort(new Error('the program ended'));
    await Promise.race([idle, delay(graceMs + killedMs, undefined, { ref: false })]);
  }

  private hook({ name, on, timeout = defaultTimeout }: HookWish, run: Hook['run']): Hook {
    const timeoutMs = parseDuration(timeout) ?? Infinity;
    return new Hook({ name, on, timeoutMs }, run, (why) => {
      this.onTrouble(new Problem(hookFailure, `The hook ${name} ${why}.`));
    });
  }
}

interface HookWish {
  name: string;
  on: HookMoment[];
  timeout?: string;
}

/** One hook: its calls run one after the other, so that it hears of the start before the stop. */
class Hook {
  /** Resolves once nothing waits or runs. */
  idle = Promise.resolve();
  private waiting: HookEvent[] = [];
  private running = false;
  private overflowed = false;

  constructor(
    private readonly wish: { name: string; on: HookMoment[]; timeoutMs: number },
    readonly run: (event: HookEvent, tooLate: AbortSignal) => Promise<void>,
    private readonly onFailure: (why: string) => void,
  ) {}

  call(event: HookEvent): void {
    if (!this.wish.on.includes(event.event)) return;
    if (this.waiting.length >= mostWaiting) {
      if (!this.overflowed)
        this.onFailure(`is too slow: ${mostWaiting} calls wait, others are lost`);
      this.overflowed = true;
      return;
    }
    this.waiting.push(event);
    if (!this.running) this.idle = this.work();
  }

  /** Drops what waits. */
  forget(): void {
    const dropped = this.waiting.splice(0).length;
    if (dropped > 0) this.onFailure(`was not called ${dropped} times more: the program ended`);
  }

  private async work(): Promise<void> {
    this.running = true;
    for (let event = this.waiting.shift(); event !== undefined; event = this.waiting.shift()) {
      await this.callNow(event);
    }
    this.overflowed = false;
    this.running = false;
  }

  private async callNow(event: HookEvent): Promise<void> {
    const tooLate = new AbortController();
    const { timeoutMs } = this.wish;
    const timer = setTimeout(
      () => tooLate.abort(new Error(`it took longer than ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    try {
      await this.run(event, tooLate.signal);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.onFailure(`failed at ${event.event}: ${why}`);
    } finally {
      clearTimeout(timer);
    }
  }
}
