import type pg from 'pg';
import type { CommandState } from '../domain/command.ts';
import { asPlatform } from './scope.ts';
import type { Transaction } from './transaction.ts';

/** What becomes of commands, written by the platform itself. The rules of it are in domain/command.ts. */

export interface CommandStanding {
  id: string;
  organizationId: string;
  deviceId: string;
  externalDeviceId: string;
  state: CommandState;
  reason: string | null;
  detail: string;
  /** Milliseconds since 1970; 0 if it never was. */
  publishedAt: number;
  handedOver: boolean;
}

/** What is to be written of one command. What is undefined stays. */
export interface CommandChange {
  id: string;
  deviceId: string;
  state: CommandState;
  reason: string | null;
  detail: string;
  /** JSON text. */
  result: string | undefined;
  publishedAt: number | undefined;
  handedOver: boolean;
  delivered: boolean;
  acknowledged: boolean;
  /** One that was tried once more. */
  attempted: boolean;
  waitsForDevice: boolean;
  /** To be tried again after so many seconds. */
  retrySeconds: number | undefined;
}

/** A device's session is gone, and with it what was published to it before then and not confirmed. */
export interface LostSession {
  organizationId: string;
  externalDeviceId: string;
  /** Milliseconds since 1970. */
  before: number;
}

/**
 * Locks commands, lets `decide` say what becomes of them, and writes that.
 * @returns what `decide` returns, once it is committed
 * @throws PlatformError `unavailable`
 */
export function changeCommands<Result>(
  pool: pg.Pool,
  which: { ids: readonly string[]; lost: readonly LostSession[] },
  decide: (standing: CommandStanding[]) => { changes: readonly CommandChange[]; result: Result },
): Promise<Result> {
  return asPlatform(pool, async (tx) => {
    await tx.row(byIndexes);
    const { changes, result } = decide(await lock(tx, which));
    if (changes.length > 0) await write(tx, changes);
    return result;
  });
}

/** The table changes too fast for the planner to know how large it is. */
const byIndexes = {
  name: 'change_commands_by_indexes',
  text: `select set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)`,
};

function lock(
  tx: Transaction,
  { ids, lost }: { ids: readonly string[]; lost: readonly LostSession[] },
): Promise<CommandStanding[]> {
  return tx.rows(
    {
      name: 'lock_commands',
      text: `
        select c.id, c.organization_id as "organizationId", c.device_id as "deviceId",
               d.external_device_id as "externalDeviceId", c.state, c.reason, c.detail, c.handed_over as "handedOver",
               coalesce(extract(epoch from c.published_at) * 1000, 0)::float8 as "publishedAt"
          from public.device_commands c
          join public.devices d on d.id = c.device_id
         where c.id = any (array(
           select unnest($1::uuid[])
           union
           select c.id
             from unnest($2::uuid[], $3::text[]) as lost (organization_id, external_device_id)
             join public.devices d using (organization_id, external_device_id)
             join public.device_commands c on c.device_id = d.id and c.state = 'published'))
         order by c.id for no key update of c`,
    },
    [ids, lost.map(({ organizationId }) => organizationId), lost.map((session) => session.externalDeviceId)],
  );
}

async function write(tx: Transaction, changes: readonly CommandChange[]): Promise<void> {
  const values = <Value>(of: (change: CommandChange) => Value) => changes.map(of);
  await tx.rows(
    {
      name: 'change_commands',
      text: `
        with changed as (
          update public.device_commands c set
            state = n.state, reason = n.reason, detail = n.detail,
            result = coalesce(n.result, c.result),
            attempts = c.attempts + n.attempted::int,
            sending_until = null,
            waits_for_device = n.waits_for_device,
            next_attempt_at = now() + make_interval(secs => n.retry_seconds),
            published_at = coalesce(to_timestamp(n.published_at / 1000), c.published_at),
            handed_over = n.handed_over,
            delivered_at = case when n.delivered then coalesce(c.delivered_at, now()) else c.delivered_at end,
            acknowledged_at = case when n.acknowledged then now() else c.acknowledged_at end
          from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::bool[], $7::bool[], $8::float8[],
            $9::float8[], $10::bool[], $11::bool[], $12::bool[])
            as n (id, state, reason, detail, result, attempted, waits_for_device, retry_seconds,
              published_at, handed_over, delivered, acknowledged)
          where c.id = n.id
          returning c.device_id, n.retry_seconds
        )
        select private.call_devices(array[device_id], ceil(retry_seconds)::int)
          from changed where retry_seconds is not null`,
    },
    [
      values(({ id }) => id),
      values(({ state }) => state),
      values(({ reason }) => reason),
      values(({ detail }) => detail),
      values(({ result }) => result ?? null),
      values(({ attempted }) => attempted),
      values(({ waitsForDevice }) => waitsForDevice),
      values(({ retrySeconds }) => retrySeconds ?? null),
      values(({ publishedAt }) => publishedAt ?? null),
      values(({ handedOver }) => handedOver),
      values(({ delivered }) => delivered),
      values(({ acknowledged }) => acknowledged),
    ],
  );
}
