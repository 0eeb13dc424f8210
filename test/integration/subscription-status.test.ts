import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimLeases } from '../../src/database/leases.ts';
import { connectionLease } from '../../src/database/subscriptions.ts';
import { StatusWriter } from '../../src/external/status-writer.ts';
import { silentLog as log } from '../../src/service/log.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { otherTenant } from '../support/tenant.ts';

/** What a process says of the connections that it holds. */

let test: TestDatabase;
let organizationId: string;

beforeAll(async () => {
  test = await testDatabase();
  ({ organizationId } = await otherTenant({ test }));
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
