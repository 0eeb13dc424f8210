import type { HeardUse, ToldUse } from '../database/quotas.ts';
import { type Demand, fairShare } from '../domain/fair-share.ts';
import { type LimitName, type Limits, limitsOf, noLimits } from '../domain/limits.ts';
import { TokenBucket } from '../domain/token-bucket.ts';

/** Credit for a backlog after an outage: so many seconds' worth of a rate. */
const CREDIT_SECONDS = 60;
/** A client that can't be let in at once is for so long, while others may give back what they hold in reserve. */
const PATIENCE_MS = 1500;
/** Who was told that there is no room is not asked about again for so long. */
const REFUSED_MS = 250;
/** A limit that goes on holding things back is told of once in a while. */
const TOLD_AGAIN_MS = 60_000;
/** Those that wait are looked at again after this at the soonest and at the latest. */
const WAKE_MS = { soonest: 20, latest: 1000 };

/** A client that waits to be let in. */
interface Claim {
  resolve: (isIn: boolean) => void;
  since: number;
  /** The database was asked for it. */
  isTold: boolean;
}

/**
 * What one organization uses in this process, and what it may. Counting is arithmetic in memory; `Quotas` exchanges it
 * with other processes.
 */
export class OrganizationQuota {
  readonly organizationId: string;
  readonly #exchange: () => Promise<boolean>;
  #limits: Limits = noLimits;
  #connections = 0;
  /** In the order of coming. */
  #claims: Claim[] = [];
  #claimAgain: NodeJS.Timeout | undefined;
  #reserved = 0;
  #refusedUntil = 0;
  #subscriptions = 0;
  #others = { connections: 0, reserved: 0, subscriptions: 0 };
  readonly #messages = new TokenBucket();
  readonly #bytes = new TokenBucket();
  #used = { messages: 0, bytes: 0 };
  #storedRows = 0;
  #stored = 0;
  #hits: Partial<Record<LimitName, number>> = {};
  readonly #toldAt = new Map<LimitName, number>();
  /** In the order of coming. */
  readonly #waiting = new Set<() => void>();
  #wake: NodeJS.Timeout | undefined;
  /** What was told last; undefined when it is to be told in any case. */
  #told: ToldUse | undefined;
  #toldMs = performance.now();
  #isKnown = false;

  /** @param exchange resolves when the database was told and asked; with false when it could not be */
  constructor(organizationId: string, exchange: () => Promise<boolean>) {
    this.organizationId = organizationId;
    this.#exchange = exchange;
  }

  get limits(): Limits {
    return this.#limits;
  }

  /** Whether its limits have been read. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /**
   * Lets a connection in if there is room, which `leave` gives back.
   * @param replaces it takes the place of one that is about to leave
   */
  async enter(replaces: boolean): Promise<boolean> {
    if (replaces || (this.#claims.length === 0 && this.#hasRoom())) {
      this.#connections += 1;
      return true;
    }
    const since = performance.now();
    if (since < this.#refusedUntil) return false;
    return new Promise((resolve) => {
      this.#claims.push({ resolve, since, isTold: false });
      void this.#exchange();
    });
  }

  leave(): void {
    this.#connections -= 1;
    this.#refusedUntil = 0;
    this.#letIn();
  }

  /** Takes as many subscriptions as there is room for, up to `count`. @returns how many */
  subscribe(count: number): number {
    const free = this.#limits.subscriptions - this.#subscriptions - this.#others.subscriptions;
    const taken = Math.max(0, Math.min(count, free));
    this.#subscriptions += taken;
    return taken;
  }

  unsubscribe(count: number): void {
    this.#subscriptions -= count;
  }

  /** Counts readings that were stored. */
  store(readings: number): void {
    this.#stored += readings;
  }

  /** Whether as many readings are stored as may be. */
  get isFull(): boolean {
    return this.#storedRows + this.#stored >= this.#limits.stored_rows;
  }

  /** Counts a message that was taken. */
  take(bytes: number): void {
    this.#used.messages += 1;
    this.#used.bytes += bytes;
    this.#messages.take(1);
    this.#bytes.take(bytes);
  }

  /** Whether a rate is used up: whoever has more waits for room. */
  get spent(): boolean {
    return !(this.#messages.hasSome && this.#bytes.hasSome) && this.spentRate() !== undefined;
  }

  /** The rate that is used up, if one is. */
  spentRate(): 'messages_per_second' | 'bytes_per_second' | undefined {
    const now = performance.now();
    if (this.#messages.level(now) <= 0) return 'messages_per_second';
    return this.#bytes.level(now) <= 0 ? 'bytes_per_second' : undefined;
  }

  /** Seconds until there is room. */
  retryAfter(): number {
    const now = performance.now();
    return Math.max(this.#messages.waitMs(now), this.#bytes.waitMs(now)) / 1000;
  }

  /** Calls `wake` once when it is its turn and there is room. */
  whenRoom(wake: () => void): void {
    this.#waiting.add(wake);
    this.#schedule();
  }

  forget(wake: () => void): void {
    this.#waiting.delete(wake);
  }

  /** A limit held something back. @returns whether that is to be told, which it was not for a while */
  hit(limit: LimitName): boolean {
    this.#hits[limit] = (this.#hits[limit] ?? 0) + 1;
    const now = performance.now();
    if (now - (this.#toldAt.get(limit) ?? Number.NEGATIVE_INFINITY) < TOLD_AGAIN_MS) return false;
    this.#toldAt.set(limit, now);
    return true;
  }

  /** Its limits may have changed, or nothing is known of it any more where it was told. */
  outdate(): void {
    this.#told = undefined;
  }

  /** What is to be told; undefined when it is known already. */
  tell(): ToldUse | undefined {
    const now = performance.now();
    const before = this.#told;
    const told: ToldUse = {
      organization_id: this.organizationId,
      connections: this.#connections,
      claims: this.#claims.length,
      subscriptions: this.#subscriptions,
      messages: this.#used.messages,
      bytes: this.#used.bytes,
      seconds: (now - this.#toldMs) / 1000,
      stored: this.#stored,
      waiting: this.#waiting.size > 0,
      hits: this.#hits,
    };
    const isNews =
      before === undefined ||
      told.claims > 0 ||
      told.waiting !== before.waiting ||
      told.messages > 0 ||
      before.messages > 0 ||
      told.stored > 0 ||
      told.connections !== before.connections ||
      told.subscriptions !== before.subscriptions ||
      // What is in reserve and not needed is given back.
      this.#reserved > told.connections ||
      Object.keys(told.hits).length > 0;
    if (!isNews) {
      this.#toldMs = now;
      return undefined;
    }
    for (const claim of this.#claims) claim.isTold = true;
    // What was in reserve may be given to others from now on.
    this.#reserved = Math.min(this.#reserved, told.connections);
    this.#told = told;
    this.#toldMs = now;
    this.#used = { messages: 0, bytes: 0 };
    this.#storedRows += told.stored;
    this.#stored = 0;
    this.#hits = {};
    return told;
  }

  /** It could not be told. */
  untold({ messages, bytes, seconds, stored, hits }: ToldUse): void {
    this.#told = undefined;
    this.#toldMs -= seconds * 1000;
    this.#used.messages += messages;
    this.#used.bytes += bytes;
    this.#storedRows -= stored;
    this.#stored += stored;
    for (const [limit, count] of Object.entries(hits) as [LimitName, number][])
      this.#hits[limit] = (this.#hits[limit] ?? 0) + count;
    // As far as is known, while nobody can be asked.
    const free = this.#limits.connections - this.#connections - this.#others.connections;
    this.#reserved = Math.max(this.#reserved, this.#connections + Math.min(free, this.#claims.length));
    this.#answerClaims(() => true);
  }

  /** The answer to what was told. */
  heard(heard: HeardUse, { messages, bytes, seconds, waiting }: ToldUse): void {
    this.#isKnown = true;
    this.#limits = limitsOf(heard.limits);
    this.#reserved = heard.reserved ?? 0;
    this.#storedRows = heard.stored_rows;
    const [connections, reserved, subscriptions] = heard.others;
    this.#others = { connections, reserved, subscriptions };
    const demand = (used: number): Demand => ({ used: used / Math.max(seconds, 1), isWaiting: waiting });
    this.#refill(this.#messages, {
      rate: this.#limits.messages_per_second,
      left: heard.messages,
      own: demand(messages),
      others: heard.demands.map(([used, , isWaiting]) => ({ used, isWaiting })),
      since: this.#used.messages,
    });
    this.#refill(this.#bytes, {
      rate: this.#limits.bytes_per_second,
      left: heard.bytes,
      own: demand(bytes),
      others: heard.demands.map(([, used, isWaiting]) => ({ used, isWaiting })),
      since: this.#used.bytes,
    });
    if (this.#connections + reserved < this.#limits.connections) this.#refusedUntil = 0;
    // Only what others have in reserve can still become free: they give it back when they next tell.
    const patience = reserved > connections ? PATIENCE_MS : 0;
    this.#answerClaims(({ since, isTold }) => isTold && performance.now() - since >= patience);
    if (this.#waiting.size > 0) this.#wakeWaiting();
  }

  close(): void {
    clearTimeout(this.#wake);
    clearTimeout(this.#claimAgain);
    for (const claim of this.#claims.splice(0)) claim.resolve(false);
    this.#waiting.clear();
  }

  #hasRoom(): boolean {
    return this.#limits.connections === Number.POSITIVE_INFINITY || this.#connections < this.#reserved;
  }

  /** Those that there is room for, the first first. */
  #letIn(): void {
    while (this.#claims.length > 0 && this.#hasRoom()) {
      this.#connections += 1;
      this.#claims.shift()!.resolve(true);
    }
  }

  /** Lets in who may, refuses who `isOver`, and asks again for the others. */
  #answerClaims(isOver: (claim: Claim) => boolean): void {
    this.#letIn();
    const over = this.#claims.filter(isOver);
    if (over.length > 0) this.#refusedUntil = performance.now() + REFUSED_MS;
    this.#claims = this.#claims.filter((claim) => !over.includes(claim));
    for (const claim of over) claim.resolve(false);
    if (this.#claims.length === 0 || this.#claimAgain) return;
    this.#claimAgain = setTimeout(() => {
      this.#claimAgain = undefined;
      void this.#exchange();
    }, REFUSED_MS);
    this.#claimAgain.unref();
  }

  /** @param from what is left to all processes; what was used here `since` it was told is still to be taken */
  #refill(
    bucket: TokenBucket,
    from: { rate: number; left: number | null; own: Demand; others: Demand[]; since: number },
  ): void {
    const { rate, left, own, others, since } = from;
    const isUnlimited = left === null || rate === Number.POSITIVE_INFINITY;
    const share = isUnlimited ? Number.POSITIVE_INFINITY : fairShare(rate, own, others);
    bucket.fill(
      isUnlimited ? share : left * share - since,
      isUnlimited ? share : rate * share,
      isUnlimited ? share : rate * share * CREDIT_SECONDS,
      performance.now(),
    );
  }

  #schedule(): void {
    if (this.#wake || this.#waiting.size === 0) return;
    const wait = Math.min(Math.max(this.retryAfter() * 1000, WAKE_MS.soonest), WAKE_MS.latest);
    this.#wake = setTimeout(() => {
      this.#wake = undefined;
      this.#wakeWaiting();
    }, wait);
    this.#wake.unref();
  }

  /** As many as there are messages to be had: more would only overdraw. */
  #wakeWaiting(): void {
    if (!this.spent) {
      let room = Math.max(1, Math.floor(this.#messages.level(performance.now())));
      for (const wake of [...this.#waiting]) {
        this.#waiting.delete(wake);
        wake();
        room -= 1;
        if (room <= 0 || this.spent) break;
      }
    }
    this.#schedule();
  }
}
