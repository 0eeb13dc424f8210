import type pg from 'pg';
import { claimLeases, releaseLeases } from '../database/leases.ts';
import {
  changePresence,
  markUnobserved,
  type PresenceCandidate,
  type PresenceChange,
  quietDevices,
} from '../database/presence.ts';
import { lastObserved, noteLook } from '../database/presence-watch.ts';
import { presenceOf } from '../domain/presence.ts';
import type { Microseconds } from '../domain/time.ts';
import type { Clock } from '../service/clock.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { repeating } from '../service/repeating.ts';

const EVERY_MS = 5000;
/** No device is late before this: see `lateAfter` in domain/presence. */
const QUIET_SECONDS = 30;
const PAGE = 5000;
/** Of several processes one watches; another one goes on when it has been gone for so long. */
const LEASE = 'presence';
const LEASE_SECONDS = 12;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

export interface QuietDevicesOptions {
  pool: pg.Pool;
  clock: Clock;
  /** Organizations whose devices changed. */
  onChanged: (organizationIds: ReadonlySet<string>) => void;
}

export interface PresenceWatchOptions extends QuietDevicesOptions {
  log: Logger;
  /** Of the process. */
  id: string;
  /** What devices are heard through begins with this process: what was seen before it says nothing of now. */
  isAlone: boolean;
  /** Devices are unknown because we could not observe: who knows that one is there is to say so. */
  onUnobserved: () => void;
}

/**
 * Notices silence. What is heard changes presence as it is stored; what is not heard, here. When we have been
 * blind ourselves, devices become unknown and get their usual time to be heard again. Of several processes that could one
 * does it, by a lease, and who takes it over goes on from what the other had observed.
 */
export class PresenceWatch implements Service {
  readonly name = 'presence';
  readonly #options: PresenceWatchOptions;
  #observedFrom: Microseconds = Number.POSITIVE_INFINITY;
  #blind = true;
  #isOurs = false;
  readonly #looking = repeating(
    EVERY_MS,
    () => this.#look(),
    (error) => {
      // Without the database nothing is seen; the next look that succeeds starts over.
      this.blind();
      this.#options.log.debug({ error: String(error) }, 'presence could not be looked at');
    },
  );

  constructor(options: PresenceWatchOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#look();
    this.#looking.start();
  }

  async stop(): Promise<void> {
    await this.#looking.stop();
    if (this.#isOurs) await releaseLeases(this.#options.pool, [LEASE], this.#options.id).catch(() => {});
  }

  /** Whether this process is the one that watches. */
  get isWatching(): boolean {
    return this.#isOurs;
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
    if (!(await this.#claim())) return;
    if (this.#blind) {
      this.sees();
      await markUnobserved(pool, this.#observedFrom);
      this.#blind = false;
      this.#options.onUnobserved();
    }
    await judgeQuietDevices(this.#options, { from: this.#observedFrom });
    await noteLook(pool, this.#observedFrom);
  }

  async #claim(): Promise<boolean> {
    const { pool, id, isAlone } = this.#options;
    const claim = { names: [LEASE], holder: id, seconds: LEASE_SECONDS, isAlone };
    const wasOurs = this.#isOurs;
    this.#isOurs = (await claimLeases(pool, claim)).has(LEASE);
    if (!this.#isOurs || wasOurs || isAlone) return this.#isOurs;
    const observedFrom = await lastObserved(pool);
    if (observedFrom === undefined) this.blind();
    else {
      this.#observedFrom = observedFrom;
      this.#blind = false;
    }
    return true;
  }
}

/**
 * Judges once whoever has been quiet for long enough that it may mean something.
 * @param look.from since when we have been able to observe
 * @throws the signal's reason when it comes before the last page of devices
 */
export async function judgeQuietDevices(
  options: QuietDevicesOptions,
  look: { from: Microseconds; signal?: AbortSignal },
): Promise<void> {
  for (let after = BEFORE_ALL; ; ) {
    look.signal?.throwIfAborted();
    const page = { quietSeconds: QUIET_SECONDS, after, limit: PAGE };
    const devices = await quietDevices(options.pool, page);
    await judge(options, devices, look.from);
    if (devices.length < PAGE) return;
    after = devices.at(-1)!.deviceId;
  }
}

async function judge(
  { pool, clock, onChanged }: QuietDevicesOptions,
  devices: readonly PresenceCandidate[],
  from: Microseconds,
): Promise<void> {
  const now = clock.now() * 1000;
  const organizations = new Set<string>();
  const changes: PresenceChange[] = [];
  for (const device of devices) {
    const { presence, reason } = presenceOf(device, { now, from: Math.max(from, device.audibleFrom ?? 0) });
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
  await changePresence(pool, changes);
  onChanged(organizations);
}
