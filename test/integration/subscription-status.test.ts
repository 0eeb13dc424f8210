import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getIntegration } from '../../src/database/integrations.ts';
import { claimLeases } from '../../src/database/leases.ts';
import { type Caller, withScope } from '../../src/database/scope.ts';
import { connectionLease } from '../../src/database/subscriptions.ts';
import { StatusWriter } from '../../src/external/status-writer.ts';
import { silentLog as log } from '../../src/service/log.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { otherTenant } from '../support/tenant.ts';

/** What a process says of the connections that it holds. */

let test: TestDatabase;
let organizationId: string;
let caller: Caller;

beforeAll(async () => {
  test = await testDatabase();
  const tenant = await otherTenant({ test });
  ({ organizationId } = tenant);
  const [member] = await tenant.rows<{ user_id: string }>(
    'select user_id from organization_members where organization_id = $1',
  );
  caller = { kind: 'user', userId: member!.user_id };
});
afterAll(() => test?.close());

const holder = randomUUID();
async function held(): Promise<string> {
  const { rows } = await test.pool.query<{ id: string }>(
    `insert into device_integrations (organization_id, name, integration_type, mode)
     values ($1, 'Plant', 'mqtt_external', 'subscribe') returning id`,
    [organizationId],
  );
  const { id } = rows[0]!;
  await claimLeases(test.pool, { names: [connectionLease(id)], holder, seconds: 60 });
  return id;
}
const rowOf = async (id: string) =>
  (
    await test.pool.query('select state, reason, detail from integration_status where integration_id = $1', [
      id,
    ])
  ).rows[0];

it('a text that PostgreSQL does not take holds up nobody else’s status', async () => {
  const writer = new StatusWriter({ pool: test.pool, log, holder, onChanged: () => {} });
  const [hostile, honest] = [await held(), await held()];
  const since = Date.now();
  writer.add(organizationId, { integrationId: hostile, since, state: 'retrying', detail: 'a\0b \ud800' });
  writer.add(organizationId, { integrationId: honest, since, state: 'connecting' });
  await writer.flush();
  await writer.flush();
  expect(await rowOf(honest)).toMatchObject({ state: 'connecting' });
  expect(await rowOf(hostile)).toMatchObject({ state: 'retrying', detail: 'a\ufffdb \ufffd' });
});

it('a status that can’t be written at all is let go', async () => {
  const writer = new StatusWriter({ pool: test.pool, log, holder, onChanged: () => {} });
  const [odd, honest] = [await held(), await held()];
  const since = Date.now();
  // Beyond the times that PostgreSQL knows.
  writer.add(organizationId, { integrationId: odd, since, state: 'retrying', nextTryAt: 1e300 });
  writer.add(organizationId, { integrationId: honest, since, state: 'connecting' });
  await writer.flush();
  await writer.flush();
  expect(await rowOf(honest)).toMatchObject({ state: 'connecting' });
});

it('of a process that is gone nothing is believed any more', async () => {
  const writer = new StatusWriter({ pool: test.pool, log, holder, onChanged: () => {} });
  const integrationId = await held();
  const shown = async () =>
    (await withScope(test.pool, caller, (tx) => getIntegration(tx, { organizationId, integrationId })))
      ?.status;
  writer.add(organizationId, { integrationId, since: Date.now(), state: 'connected' });
  await writer.flush();
  expect(await shown()).toMatchObject({ state: 'connected', since: expect.any(String) });
  const name = connectionLease(integrationId);
  await test.pool.query(`update private.leases set expires_at = now() - interval '20 s' where name = $1`, [
    name,
  ]);
  expect(await shown()).toMatchObject({ state: 'waiting', since: null });
});

it('one that is to run again has not stopped', async () => {
  const writer = new StatusWriter({ pool: test.pool, log, holder, onChanged: () => {} });
  const integrationId = await held();
  const shown = async () =>
    (await withScope(test.pool, caller, (tx) => getIntegration(tx, { organizationId, integrationId })))
      ?.status?.state;
  writer.add(organizationId, { integrationId, since: Date.now(), state: 'stopped' });
  await writer.flush();
  expect(await shown()).toBe('waiting');
  await test.pool.query('update device_integrations set enabled = false where id = $1', [integrationId]);
  expect(await shown()).toBe('stopped');
});
