import type pg from 'pg';
import { exchangeUse, leaveUse, type ToldUse } from '../database/quotas.ts';
import type { LimitName } from '../domain/limits.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { within } from '../service/within.ts';
import { OrganizationQuota } from './organization-quota.ts';

/** What others use is known after this. */
const EVERY_MS = 1000;
const TIMEOUT_MS = 5000;
/** How long a client that comes in may wait for the limits of an organization that is not known yet. */
const FIRST_MS = 1000;
/** Organizations of one exchange: while it lasts nobody else tells of them. */
const MOST_AT_ONCE = 500;

export interface QuotasOptions {
  /** Of the process. */
  id: string;
  pool: pg.Pool;
  log: Logger;
}

/**
 * Limits of organizations, exact over all processes within a second. Each counts in memory, and tells the database what
 * is new once a second; the answer says what others count and what may be used until then
 * (docs/decisions/quotas-are-counted-by-an-exchange.md).
 */
export class Quotas implements Service {
  readonly name = 'quotas';
  readonly #options: QuotasOptions;
  readonly #organizations = new Map<string, OrganizationQuota>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;
  #failed = false;
  #stopped = false;

  constructor(options: QuotasOptions) {
    this.#options = options;
  }

  /** Organizations that have as many readings stored as they may. */
  readonly full = new Set<string>();

  /** Counts readings that were stored. */
  stored(organizationId: string, readings: number): void {
    const quota = this.#known(organizationId);
    quota.store(readings);
    if (quota.isFull) this.full.add(organizationId);
  }

  /** A limit held something back. @returns whether its owner is to be told */
  hit(organizationId: string, limit: LimitName): boolean {
    const quota = this.#known(organizationId);
    return quota.limits[limit] !== Number.POSITIVE_INFINITY && quota.hit(limit);
  }

  /** With its limits; without any as long as the database is away and they are not known. */
  async of(organizationId: string): Promise<OrganizationQuota> {
    const quota = this.#known(organizationId);
    if (!quota.isKnown) await within(FIRST_MS, this.exchange()).catch(() => {});
    return quota;
  }

  #known(organizationId: string): OrganizationQuota {
    let quota = this.#organizations.get(organizationId);
    if (!quota) {
      quota = new OrganizationQuota(organizationId, () => this.exchange());
      this.#organizations.set(organizationId, quota);
    }
    return quota;
  }

  /** To be called for each announcement on the channel `changes`. */
  changed({
    table,
    organization_id: organizationId,
  }: {
    table: string;
    organization_id: string | null;
  }): void {
    if (table === 'plans') this.allChanged();
    if (table !== 'organization_limits' || !organizationId) return;
    this.#organizations.get(organizationId)?.outdate();
    void this.exchange();
  }

  /** Announcements may have been missed. */
  allChanged(): void {
    for (const quota of this.#organizations.values()) quota.outdate();
    void this.exchange();
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => {
      if (this.#organizations.size > 0) void this.exchange();
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#next;
    await this.#running;
    await this.#run();
    for (const quota of this.#organizations.values()) quota.close();
    const { id, pool } = this.#options;
    await within(TIMEOUT_MS, leaveUse(pool, id)).catch(() => {});
  }

  /** Tells and asks, one at a time. @returns whether it was possible; of an exchange that begins after this call */
  exchange(): Promise<boolean> {
    if (this.#stopped) return Promise.resolve(false);
    if (!this.#running) {
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.exchange();
    });
    return this.#next;
  }

  async #run(): Promise<boolean> {
    try {
      let isNew = await this.#tellAll();
      // It begins, or PostgreSQL has forgotten everybody.
      if (isNew) {
        for (const quota of this.#organizations.values()) quota.outdate();
        isNew = await this.#tellAll();
      }
      this.#failed = false;
      return true;
    } catch (error) {
      if (!this.#failed) this.#options.log.warn({ error: String(error) }, 'use of limits can’t be exchanged');
      this.#failed = true;
      return false;
    }
  }

  /** @returns whether nothing was known of this process */
  async #tellAll(): Promise<boolean> {
    const told: ToldUse[] = [];
    for (const quota of this.#organizations.values()) {
      const use = quota.tell();
      if (use) told.push(use);
    }
    let isNew = false;
    // Once also with nothing to tell: that the process lives.
    do {
      const page = told.splice(0, MOST_AT_ONCE);
      isNew = (await this.#tell(page, told)) || isNew;
    } while (told.length > 0);
    return isNew;
  }

  async #tell(page: readonly ToldUse[], rest: readonly ToldUse[]): Promise<boolean> {
    const { id, pool } = this.#options;
    try {
      const answer = await within(TIMEOUT_MS, exchangeUse(pool, id, page));
      const byId = new Map(page.map((use) => [use.organization_id, use]));
      for (const heard of answer.organizations) {
        const use = byId.get(heard.organization_id)!;
        const quota = this.#known(heard.organization_id);
        quota.heard(heard, use);
        if (quota.isFull) this.full.add(heard.organization_id);
        else this.full.delete(heard.organization_id);
      }
      return answer.isNew;
    } catch (error) {
      for (const use of [...page, ...rest]) this.#organizations.get(use.organization_id)?.untold(use);
      throw error;
    }
  }
}
