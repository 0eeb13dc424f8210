import type pg from 'pg';
import { commandProgress } from '../database/commands.ts';
import { asPlatform } from '../database/scope.ts';
import { PlatformError } from '../service/errors.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { pause } from '../service/pause.ts';

/** How far a command is to come: `tried` is published, or why not; `final` is its end. */
export type CommandStage = 'tried' | 'final';

/** Room for one request to wait in. */
export interface WaitingPlace {
  /** Resolves when the command is there, the time is up, `signal` is aborted, or the platform stops. Never rejects. */
  wait(commandId: string, wanted: { stage: CommandStage; ms: number; signal: AbortSignal }): Promise<void>;
  /** To be called once. */
  giveBack(): void;
}

/** Requests that wait for what becomes of a command. */
export interface CommandWaits extends Service {
  /** Something of this organization was committed. */
  wake(organizationId: string): void;
  /**
   * To be called before the command is made: who hears that there is no room to wait would make it again.
   * @throws PlatformError `limit_reached` for the organization, `unavailable` for all
   */
  takePlace(organizationId: string): WaitingPlace;
}

const MOST_PLACES = 2000;
/** So that no organization takes them all. */
const MOST_PLACES_OF_ONE = 200;
/** A busy organization commits all the time: what it waits for is looked at so often at most. */
const BETWEEN_LOOKS_MS = 20;

interface Waiting {
  commandId: string;
  stage: CommandStage;
  over: AbortController;
}

export interface CommandWaitsOptions {
  pool: pg.Pool;
  log: Logger;
  /** Notifications tell of what has changed; should one get lost, or where there are none, this finds it. */
  pollMs: number;
}

/** The waits of this process. One query asks for all of them; nobody holds a connection meanwhile. */
export function createCommandWaits({ pool, log, pollMs }: CommandWaitsOptions): CommandWaits {
  const places = new Places();
  const waiting = new Set<Waiting>();
  const stopping = new AbortController();
  let looking: Promise<void> | undefined;
  let woken = false;
  let poll: ReturnType<typeof setInterval> | undefined;

  async function look(): Promise<void> {
    const ids = [...new Set([...waiting].map(({ commandId }) => commandId))];
    const found = await asPlatform(pool, (tx) => commandProgress(tx, ids));
    const finalById = new Map(found.map(({ id, final }) => [id, final]));
    for (const { commandId, stage, over } of waiting) {
      const final = finalById.get(commandId);
      if (final || (final === false && stage === 'tried')) over.abort();
    }
  }

  async function lookWhileWoken(): Promise<void> {
    while (woken && waiting.size > 0) {
      woken = false;
      await look().catch((error: unknown) => log.warn({ error: String(error) }, 'commands not looked at'));
      await pause(BETWEEN_LOOKS_MS, stopping.signal);
    }
    looking = undefined;
  }

  function lookSoon(): void {
    if (waiting.size === 0) return;
    woken = true;
    looking ??= lookWhileWoken();
  }

  async function wait(waiter: Waiting, ms: number, signal: AbortSignal): Promise<void> {
    if (stopping.signal.aborted) return;
    waiting.add(waiter);
    // It may be there already: who waits is known only from here on.
    lookSoon();
    poll ??= setInterval(lookSoon, pollMs);
    await pause(ms, AbortSignal.any([signal, waiter.over.signal]));
    waiting.delete(waiter);
    if (waiting.size > 0) return;
    clearInterval(poll);
    poll = undefined;
  }

  return {
    name: 'waits for commands',
    async start() {},
    async stop() {
      stopping.abort();
      for (const { over } of waiting) over.abort();
      await looking;
    },
    wake(organizationId) {
      if (places.of(organizationId) > 0) lookSoon();
    },
    takePlace(organizationId) {
      places.take(organizationId);
      return {
        wait: (commandId, { stage, ms, signal }) =>
          wait({ commandId, stage, over: new AbortController() }, ms, signal),
        giveBack: () => places.giveBack(organizationId),
      };
    },
  };
}

/** Who waits, by organization. */
class Places {
  readonly #taken = new Map<string, number>();
  #total = 0;

  of(organizationId: string): number {
    return this.#taken.get(organizationId) ?? 0;
  }

  take(organizationId: string): void {
    const own = this.of(organizationId);
    if (own >= MOST_PLACES_OF_ONE) {
      const detail = `${MOST_PLACES_OF_ONE} requests wait for commands already: send without wait_seconds.`;
      throw new PlatformError('limit_reached', detail, { retryAfter: 5 });
    }
    if (this.#total >= MOST_PLACES) {
      const detail = 'Nobody else can wait for commands here at the moment: send without wait_seconds.';
      throw new PlatformError('unavailable', detail, { retryAfter: 5 });
    }
    this.#taken.set(organizationId, own + 1);
    this.#total += 1;
  }

  giveBack(organizationId: string): void {
    const own = this.of(organizationId) - 1;
    if (own > 0) this.#taken.set(organizationId, own);
    else this.#taken.delete(organizationId);
    this.#total -= 1;
  }
}
