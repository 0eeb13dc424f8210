import { RulesInSight } from '../../alerts/watched-rules.ts';
import type { Commands } from '../../commands/commands.ts';
import { makePartitionsAhead } from '../../database/housekeeping.ts';
import type { DeviceRegistry } from '../../ingest/device-registry.ts';
import { Expressions } from '../../ingest/expressions.ts';
import { Ingest } from '../../ingest/ingest.ts';
import type { IntegrationRules } from '../../ingest/integration-rules.ts';
import { Quotas } from '../../quota/quotas.ts';
import type { Foundation, Role } from '../foundation.ts';

/** What brings messages to their rows, in whichever roles messages come in. */
export interface Intake extends Role {
  expressions: Expressions;
  ingest: Ingest;
  quotas: Quotas;
}

export function intakeOf(
  foundation: Foundation,
  { commands, devices }: { commands: Pick<Commands, 'answers'>; devices: DeviceRegistry },
): Intake {
  const { id, clock, log, config, database, announcer, signals } = foundation;
  const { pool, connection } = database;
  const quotas = new Quotas({ id, pool, log });
  const expressions = new Expressions({ log });
  const rules = new RulesInSight({ pool, log });
  const ingest = new Ingest({
    pool,
    connection,
    clock,
    log,
    retentionDays: config.retentionDays,
    devices,
    expressions,
    answers: commands.answers,
    rulesOf: (organization) => rules.of(organization),
    limits: {
      full: quotas.full,
      stored: (organization, readings) => quotas.stored(organization, readings),
      hit: (integration, reason) => limitHit(integration, reason === 'device_limit' ? 'devices' : reason),
    },
    onStored: (organizations) => announcer.add(organizations),
    onDatabase: (isThere) => signals.tell('database', isThere),
  });
  signals.hear({
    changed(change) {
      const { table, organization_id, external_device_id } = change;
      if (table === 'devices' && organization_id && external_device_id)
        ingest.devices.changed(organization_id, external_device_id);
      if (table === 'alert_rules' && organization_id) rules.changed(organization_id);
      quotas.changed(change);
    },
    missed() {
      ingest.devices.allChanged();
      rules.allChanged();
      quotas.allChanged();
    },
  });
  function limitHit(integration: IntegrationRules, limit: 'devices' | 'stored_rows'): void {
    if (!quotas.hit(integration.organizationId, limit)) return;
    const at = clock.receiveTime();
    ingest.journal.activity({ integration, at, event: 'limit_reached', reason: `${limit}_limit` });
  }

  const partitions = {
    name: 'months of history',
    start: () => makePartitionsAhead(pool),
    async stop() {},
  };
  return { expressions, ingest, quotas, services: [partitions, expressions, rules, ingest, quotas] };
}
