import type pg from 'pg';
import {
  changePresence,
  markUnobserved,
  type PresenceCandidate,
  type PresenceChange,
  quietDevices,
} from '../database/presence.ts';
import { presenceOf } from '../domain/presence.ts';
import type { Microseconds } from '../domain/time.ts';
import type { Clock } from '../service/clock.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';

const EVERY_MS = 5000;
/** No device is late before this: see `lateAfter` in domain/presence. */
const QUIET_SECONDS = 30;
const PAGE = 5000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

export interface PresenceWatchOptions {
  pool: pg.Pool;
  clock: Clock;
  log: Logger;
  /** Organizations whose devices changed. */
  onChanged: (organizationIds: ReadonlySet<string>) => void;
}

/**
 * Notices silence. What is heard changes presence as it is stored; what is not heard, here. When we have been
 * blind ourselves, devices become unknown and get their usual time to be heard again.
 */
export class PresenceWatch implements Service {
  readonly name = 'presence';
  readonly #options: PresenceWatchOptions;
  #observedFrom: Microseconds = Number.POSITIVE_INFINITY;
  #blind = true;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(options: PresenceWatchOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => {
      this.#running ??= this.#look()
        .catch((error) => {
          // Without the database nothing is seen; the next look that succeeds starts over.
          this.blind();
          this.#options.log.debug({ error: String(error) }, 'presence could not be looked at');
        })
        .finally(() => {
          this.#running = undefined;
        });
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** We can't observe: the database or the engine is away. */
  blind(): void {
    this.#blind = true;
    this.#observedFrom = Number.POSITIVE_INFINITY;
  }

  /** We can again. What is heard from now on counts. */
  sees(): void {
    this.#observedFrom = Math.min(this.#observedFrom, this.#options.clock.now() * 1000);
  }

  async #look(): Promise<void> {
    const { pool } = this.#options;
    if (this.#blind) {
      this.sees();
      await markUnobserved(pool, this.#observedFrom);
      this.#blind = false;
    }
    for (let after = BEFORE_ALL; ; ) {
      const devices = await quietDevices(pool, { quietSeconds: QUIET_SECONDS, after, limit: PAGE });
      await this.#judge(devices);
      if (devices.length < PAGE) return;
      after = devices.at(-1)!.deviceId;
    }
  }

  async #judge(devices: readonly PresenceCandidate[]): Promise<void> {
    const observed = { now: this.#options.clock.now() * 1000, from: this.#observedFrom };
    const organizations = new Set<string>();
    const changes: PresenceChange[] = [];
    for (const device of devices) {
      const { presence, reason } = presenceOf(device, observed);
      if (presence === device.presence) continue;
      organizations.add(device.organizationId);
      changes.push({
        deviceId: device.deviceId,
        presence,
        reason,
        lastMessageAt: device.lastMessageAt,
        connectionAt: device.connection?.at,
      });
    }
    if (changes.length === 0) return;
    await changePresence(this.#options.pool, changes);
    this.#options.onChanged(organizations);
  }
}
