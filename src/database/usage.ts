import type { Usage } from '../contract/usage.ts';
import { type LimitName, limitNames } from '../domain/limits.ts';
import { ISO_TIME, type Transaction } from './transaction.ts';

interface Row {
  plan: string;
  limits: Partial<Record<LimitName, number | null>>;
  used: Partial<Record<LimitName, number>>;
  reached: { name: LimitName; peak: number; hits: number; last_hit_at: string | null }[];
}

/** Those of which nothing is kept but that they were hit. */
const withoutPeak: readonly LimitName[] = ['message_bytes', 'devices', 'stored_rows'];

/** What an organization of the caller's may use, and uses now. */
export async function readUsage(tx: Transaction, organizationId: string): Promise<Usage> {
  const row = await tx.row<Row>(
    `select u.plan, u.limits,
            json_build_object('connections', u.connections, 'subscriptions', u.subscriptions,
              'messages_per_second', u.messages_per_second, 'bytes_per_second', u.bytes_per_second,
              'stored_rows', u.stored_rows, 'devices', (select count(*) from public.devices where organization_id = $1)) as used,
            (select coalesce(json_agg(r), '[]') from (
               select limit_name as name, to_char(max(last_hit_at), ${ISO_TIME}) as last_hit_at,
                      coalesce(max(peak) filter (where day = current_date), 0) as peak,
                      coalesce(sum(hits) filter (where day = current_date), 0) as hits
                 from public.organization_usage
                where organization_id = $1 and day > current_date - 7 group by limit_name) r) as reached
       from private.use_of($1) u`,
    [organizationId],
  );
  const { plan, limits, used, reached } = row!;
  return {
    plan,
    limits: limitNames.map((name) => {
      const known = reached.find((one) => one.name === name);
      const now = used[name] ?? null;
      return {
        name,
        limit: limits[name] ?? null,
        used: now === null ? null : Math.round(now * 10) / 10,
        peak_today: withoutPeak.includes(name) ? null : Math.max(known?.peak ?? 0, Math.round(now ?? 0)),
        hits_today: known?.hits ?? 0,
        last_hit_at: known?.last_hit_at ?? null,
      };
    }),
  };
}
