import type pg from 'pg';
import { type JudgedRule, watchedRules } from '../database/alert-rules.ts';
import type { MetricCondition } from '../domain/alert.ts';
import { type CompiledCondition, compileCondition } from '../domain/alert-condition.ts';
import type { WatchedRules } from '../ingest/device-watch.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';

type ByMetric = Map<string, CompiledCondition[]>;

/** What readings of an organization have to be looked at for. Tags and names are not asked for here: that is judged later. */
class RulesOfOrganization implements WatchedRules {
  readonly #ofAll: ByMetric = new Map();
  readonly #ofOne = new Map<string, CompiledCondition[]>();
  /** The same for the same rules. */
  readonly key: string;

  constructor(rules: readonly Pick<JudgedRule, 'condition' | 'scope'>[]) {
    this.key = keyOf(rules);
    for (const { condition, scope } of rules) {
      const compiled = compileCondition(condition as MetricCondition);
      if (scope.kind !== 'devices') add(this.#ofAll, compiled);
      else for (const id of scope.device_ids) entry(this.#ofOne, id).push(compiled);
    }
  }

  of(deviceId: Buffer): ByMetric {
    const own = this.#ofOne.size > 0 && this.#ofOne.get(uuidText(deviceId));
    if (!own) return this.#ofAll;
    const both: ByMetric = new Map([...this.#ofAll].map(([metric, conditions]) => [metric, [...conditions]]));
    for (const condition of own) add(both, condition);
    return both;
  }
}

function add(conditions: ByMetric, condition: CompiledCondition): void {
  for (const metric of condition.metrics) entry(conditions, metric).push(condition);
}

function entry(map: Map<string, CompiledCondition[]>, key: string): CompiledCondition[] {
  const known = map.get(key) ?? [];
  map.set(key, known);
  return known;
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The rules of all organizations as this process knows them, for what is stored here. */
export class RulesInSight implements Service {
  readonly name = 'rules in sight';
  readonly #pool: pg.Pool;
  readonly #log: Logger;
  #rules = new Map<string, RulesOfOrganization>();
  #loading: Promise<void> = Promise.resolve();

  constructor(options: { pool: pg.Pool; log: Logger }) {
    this.#pool = options.pool;
    this.#log = options.log;
  }

  async start(): Promise<void> {
    await this.#load();
  }

  async stop(): Promise<void> {
    await this.#loading;
  }

  of(organizationId: string): WatchedRules | undefined {
    return this.#rules.get(organizationId);
  }

  /** A rule of this organization was made, changed or deleted. */
  changed(organizationId: string): void {
    this.#reload(organizationId);
  }

  /** Changes may have been missed. */
  allChanged(): void {
    this.#reload(undefined);
  }

  /** One after the other, so that the last that is read is the last that is known. */
  #reload(organizationId: string | undefined): void {
    this.#loading = this.#loading
      .then(() => this.#load(organizationId))
      .catch((error) => {
        // Whoever tells of missed changes does so again when the database is back.
        this.#log.warn({ error: String(error) }, 'alert rules could not be read');
      });
  }

  async #load(organizationId?: string): Promise<void> {
    const rows = await watchedRules(this.#pool, organizationId);
    const byOrganization = Map.groupBy(rows, (row) => row.organizationId);
    const fresh = new Map([...byOrganization].map(([id, rules]) => [id, this.#asKnown(id, rules)]));
    if (organizationId === undefined) {
      this.#rules = fresh;
      return;
    }
    const rules = fresh.get(organizationId);
    if (rules) this.#rules.set(organizationId, rules);
    else this.#rules.delete(organizationId);
  }

  /** What is as it was stays the same: watchers of devices begin anew with what is not. */
  #asKnown(organizationId: string, rules: Parameters<typeof keyOf>[0]): RulesOfOrganization {
    const known = this.#rules.get(organizationId);
    return known?.key === keyOf(rules) ? known : new RulesOfOrganization(rules);
  }
}

function keyOf(rules: readonly Pick<JudgedRule, 'condition' | 'scope'>[]): string {
  return JSON.stringify(rules.map(({ condition, scope }) => [condition, scope]));
}
