import { expect } from 'vitest';
import type { Usage } from '../../src/contract/usage.ts';
import type { LimitName } from '../../src/domain/limits.ts';
import { eventually } from './eventually.ts';
import type { TestPlatform } from './platform.ts';

type Organization = Pick<TestPlatform, 'test' | 'organizationId'>;

/** As an operator sets them; resolves when all processes that count for the organization know. */
export async function setLimits(
  { test, organizationId }: Organization,
  limits: Partial<Record<LimitName, number | null>>,
): Promise<void> {
  const { rows } = await test.pool.query<{ xid: string }>(
    `insert into organization_limits (organization_id, overrides) values ($1, $2)
     on conflict (organization_id) do update set overrides = excluded.overrides, updated_at = now()
     returning pg_current_xact_id()::xid::text as xid`,
    [organizationId, JSON.stringify(limits)],
  );
  // Each writes its row when it asks.
  await eventually(async () => {
    const late = await test.pool.query(
      'select from private.process_use where organization_id = $1 and xmin::text::bigint < $2::bigint',
      [organizationId, rows[0]!.xid],
    );
    expect(late.rowCount).toBe(0);
  });
}

/** One limit as the API shows it. */
export async function usageOf(platform: TestPlatform, name: LimitName): Promise<Usage['limits'][number]> {
  const response = await platform.api('GET', `/api/v1/organizations/${platform.organizationId}/usage`);
  if (response.status !== 200) throw new Error(await response.text());
  const { limits } = (await response.json()) as Usage;
  return limits.find((limit) => limit.name === name)!;
}

/** Until the API shows it like this. */
export function usageBecomes(
  platform: TestPlatform,
  name: LimitName,
  check: (limit: Usage['limits'][number]) => void,
): Promise<void> {
  return eventually(async () => check(await usageOf(platform, name)));
}

/** Sets a rate of which the credit, which else is a minute's worth, is spent already. */
export async function setSpentRate(
  organization: Organization,
  limit: 'messages_per_second' | 'bytes_per_second',
  rate: number,
): Promise<void> {
  // A bucket that never holds more than nothing is empty when it gets its rate.
  await setLimits(organization, { [limit]: 0 });
  await setLimits(organization, { [limit]: rate });
}
