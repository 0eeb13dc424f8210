import type { Usage } from '../../src/contract/usage.ts';
import type { LimitName } from '../../src/domain/limits.ts';
import { eventually } from './eventually.ts';
import type { TestPlatform } from './platform.ts';

/** As an operator sets them: they hold within a second. */
export async function setLimits(
  { test, organizationId }: Pick<TestPlatform, 'test' | 'organizationId'>,
  limits: Partial<Record<LimitName, number | null>>,
): Promise<void> {
  await test.pool.query(
    `insert into organization_limits (organization_id, overrides) values ($1, $2)
     on conflict (organization_id) do update set overrides = excluded.overrides, updated_at = now()`,
    [organizationId, JSON.stringify(limits)],
  );
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
