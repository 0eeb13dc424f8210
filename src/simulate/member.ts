import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './commands.ts';
import type { DeviceConnection } from './connection.ts';
import type { SimulatedDevice } from './device.ts';

/** Commands that wait while a device is busy. What comes beyond is lost, as with a device that has no memory left. */
const MOST_WAITING = 100;
/** An end of the fleet does not wait for a device that does. */
const unhurried = { ref: false };

export interface MemberOptions {
  device: SimulatedDevice;
  connection: DeviceConnection;
  /** Of its channels, without the closing slash. */
  topic: string;
  /** Whether other devices speak through the connection too. */
  shares: boolean;
}

/** One device of the fleet, on its connection. It does one command after the other. */
export class Member {
  readonly device: SimulatedDevice;
  readonly connection: DeviceConnection;
  readonly topic: string;
  readonly shares: boolean;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #answered = 0;
  #isDown = false;
  #interval: number | undefined;
  #dueAt = 0;

  constructor({ device, connection, topic, shares }: MemberOptions) {
    this.device = device;
    this.connection = connection;
    this.topic = topic;
    this.shares = shares;
  }

  /** Starting again: it neither speaks nor listens. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** A command has set its interval: it has no turns with the others any more. */
  get hasOwnInterval(): boolean {
    return this.#interval !== undefined;
  }

  /** Commands it has answered. */
  get answered(): number {
    return this.#answered;
  }

  /** Whether its own interval is over, and the next one begins. @param now of `performance` */
  isDue(now: number): boolean {
    if (this.#interval === undefined || now < this.#dueAt) return false;
    this.#dueAt = Math.max(this.#dueAt + this.#interval, now);
    return true;
  }

  command(payload: Uint8Array): void {
    if (this.#waiting === MOST_WAITING) return;
    this.#waiting += 1;
    this.#last = this.#last
      .then(() => this.#do(payload))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  async #do(payload: Uint8Array): Promise<void> {
    await this.#isWell();
    const steps = this.device.command(payload, Date.now());
    for (const step of steps) {
      if ('say' in step) this.#say(step.say);
      else if ('busyFor' in step) await sleep(step.busyFor, undefined, unhurried);
      else if ('downFor' in step) await this.#restart(step.downFor);
      else {
        this.#interval = step.speakEvery;
        this.#dueAt = performance.now() + step.speakEvery;
      }
    }
    if (steps.length > 0) this.#answered += 1;
  }

  /** While it fails it hears nothing. */
  async #isWell(): Promise<void> {
    for (;;) {
      const now = Date.now();
      const { is, until } = this.device.condition(now);
      if (is === 'well') return;
      await sleep(until - now, undefined, unhurried);
    }
  }

  async #restart(milliseconds: number): Promise<void> {
    this.#isDown = true;
    if (this.shares) await sleep(milliseconds, undefined, unhurried);
    else await this.connection.restart(milliseconds);
    this.#isDown = false;
  }

  #say(answer: Answer): void {
    this.connection.publish(`${this.topic}/responses`, JSON.stringify(answer), () => {});
  }
}
