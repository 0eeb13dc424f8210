import { randomUUID } from 'node:crypto';
import { judgeReadings } from '../../src/alerts/judging.ts';
import { RulesInSight } from '../../src/alerts/watched-rules.ts';
import { uuidBytes } from '../../src/database/binary-array.ts';
import { decoderFor } from '../../src/decode/index.ts';
import type { AlertCondition, AlertScope, Schedule } from '../../src/domain/alert.ts';
import { fingerprint } from '../../src/ingest/fingerprint.ts';
import { Ingest } from '../../src/ingest/ingest.ts';
import type { IntegrationRules } from '../../src/ingest/integration-rules.ts';
import type { MessageSource } from '../../src/ingest/message.ts';
import { systemClock } from '../../src/service/clock.ts';
import { silentLog } from '../../src/service/log.ts';
import { type TestDatabase, testDatabase } from './database.ts';

export interface Rule {
  condition: AlertCondition;
  forSeconds?: number;
  schedule?: Schedule;
  scope?: AlertScope;
}

/** Readings into a database through the ingest of several processes, and alerts judged when a test wants it. */
export class AlertLab {
  readonly test: TestDatabase;
  readonly organizationId: string;
  readonly #integration: IntegrationRules;
  readonly #processes: { ingest: Ingest; rules: RulesInSight }[];
  readonly #clock = systemClock();

  private constructor(test: TestDatabase, organizationId: string, integrationId: string, processes: number) {
    this.test = test;
    this.organizationId = organizationId;
    this.#integration = {
      id: integrationId,
      idBytes: uuidBytes(integrationId),
      organizationId,
      organizationBytes: uuidBytes(organizationId),
      decoding: decoderFor('auto')!,
      autoRegister: true,
      deviceLimit: 1_000_000,
      patterns: undefined,
    };
    const { pool, connection } = test;
    this.#processes = Array.from({ length: processes }, () => {
      const rules = new RulesInSight({ pool, log: silentLog });
      const ingest = new Ingest({
        pool,
        connection,
        clock: this.#clock,
        log: silentLog,
        retentionDays: 1000,
        rulesOf: (organization) => rules.of(organization),
      });
      return { ingest, rules };
    });
  }

  static async open(processes: number): Promise<AlertLab> {
    const test = await testDatabase();
    const { rows } = await test.pool.query<{ id: string; integration: string }>(
      `with made as (select private.found_organization('Lab', $1) as id)
       select id from made`,
      [randomUUID()],
    );
    const id = rows[0]!.id;
    const hosted = await test.pool.query<{ id: string }>(
      `select id from device_integrations where organization_id = $1`,
      [id],
    );
    const lab = new AlertLab(test, id, hosted.rows[0]!.id, processes);
    for (const { ingest } of lab.#processes) await ingest.start();
    return lab;
  }

  async close(): Promise<void> {
    for (const { ingest } of this.#processes) await ingest.stop();
    await this.test.close();
  }

  async rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.test.pool.query(sql, values)).rows;
  }

  async device(name: string = randomUUID()): Promise<{ id: string; name: string }> {
    const [made] = await this.rows<{ id: string }>(
      `insert into devices (organization_id, external_device_id, name) values ($1, $2, $2) returning id`,
      [this.organizationId, name],
    );
    return { id: made!.id, name };
  }

  /** Makes a rule, of which every process hears before this resolves. */
  async rule({
    condition,
    forSeconds = 0,
    schedule,
    scope = { kind: 'organization' },
  }: Rule): Promise<string> {
    const [made] = await this.rows<{ id: string }>(
      `insert into alert_rules (organization_id, name, condition, for_seconds, schedule, scope)
       values ($1, 'Rule', $2, $3, $4, $5) returning id`,
      [this.organizationId, condition, forSeconds, schedule, scope],
    );
    await this.tellRules();
    return made!.id;
  }

  async tellRules(): Promise<void> {
    for (const { rules } of this.#processes) await rules.start();
  }

  /** A message of a device through one of the processes; resolves when it is stored. */
  async store(device: string, payload: object, via = 0): Promise<void> {
    const { ingest } = this.#processes[via]!;
    const source: MessageSource = {
      integration: this.#integration,
      clientId: device,
      clientKey: fingerprint(Buffer.from(device)),
      connectionId: undefined,
    };
    await new Promise<void>((resolve) => {
      ingest.accept({
        source,
        device: ingest.devices.ref(this.#integration, device),
        channel: 'telemetry',
        topic: `devices/${device}/telemetry`,
        payload: Buffer.from(JSON.stringify(payload)),
        qos: 1,
        retain: false,
        dup: false,
        packetId: 0,
        receivedAt: this.#clock.receiveTime(),
        settled: () => resolve(),
      });
    });
  }

  /** Judges all that is due. @param aheadSeconds how far ahead of the real time the clock is */
  async judge(aheadSeconds = 0): Promise<void> {
    if (aheadSeconds > 0)
      await this.rows(`update private.pending_alerts set due_at = due_at - make_interval(secs => $1)`, [
        aheadSeconds,
      ]);
    const clock = { ...this.#clock, now: () => this.#clock.now() + aheadSeconds * 1000 };
    while ((await judgeReadings({ pool: this.test.pool, clock, log: silentLog })) > 0);
  }

  /** The alerts of a rule, oldest first: [opened, cleared] in seconds behind `base`, with how they came to an end. */
  async alerts(
    rule: string,
    base: number,
  ): Promise<[opened: number, cleared: number | null, resolution: string | null][]> {
    const rows = await this.rows<{ opened: number; cleared: number | null; resolution: string | null }>(
      `select extract(epoch from opened_at)::float8 as opened, extract(epoch from cleared_at)::float8 as cleared, resolution
         from alerts where rule_id = $1 order by opened_at, cleared_at`,
      [rule],
    );
    const since = (at: number | null) => (at === null ? null : Math.round((at - base) * 1000) / 1000);
    return rows.map(({ opened, cleared, resolution }) => [since(opened)!, since(cleared), resolution]);
  }
}
