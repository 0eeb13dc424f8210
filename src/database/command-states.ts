import type pg from 'pg';
import type { CommandState } from '../domain/command.ts';
import { translated } from './database-error.ts';
import { asPlatform } from './scope.ts';
import type { Transaction } from './transaction.ts';

/** What becomes of commands, written by the platform itself. The rules of it are in domain/command.ts. */

export interface CommandStanding {
  id: string;
  organizationId: string;
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
  /** It is written only if the command is in one of these. */
  allowed: readonly CommandState[];
  /** And only if it is a command of that device. */
  from: { organizationId: string; externalDeviceId: string } | undefined;
  state: CommandState;
  reason: string | null;
  detail: string;
  /** JSON text. */
  result: string | undefined;
  publishedAt: number | undefined;
  handedOver: boolean;
  delivered: boolean;
  acknowledged: boolean;
  /** It was tried once more. */
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

/** What was written, with whose it is. */
export type WrittenCommands = Map<string, { organizationId: string }>;

/**
 * Writes changes as far as they are allowed, in one round trip.
 * @throws PlatformError `unavailable`
 */
export async function changeCommands(
  pool: pg.Pool,
  changes: readonly CommandChange[],
): Promise<WrittenCommands> {
  if (changes.length === 0) return new Map();
  const { rows } = await pool
    .query<WrittenRow>({ ...writeStatement, values: columnsOf(changes) })
    .catch((error) => {
      throw translated(error);
    });
  return written(rows);
}

/**
 * Locks commands, lets `decide` say what becomes of them, and writes that.
 * @returns what `decide` returns, once it is committed
 * @throws PlatformError `unavailable`
 */
export function judgeCommands<Result>(
  pool: pg.Pool,
  which: { ids: readonly string[]; lost: readonly LostSession[] },
  decide: (standing: CommandStanding[]) => { changes: readonly CommandChange[]; result: Result },
): Promise<Result> {
  return asPlatform(pool, async (tx) => {
    const { changes, result } = decide(await lock(tx, which));
    if (changes.length > 0) await tx.rows<WrittenRow>(writeStatement, columnsOf(changes));
    return result;
  });
}

function lock(
  tx: Transaction,
  { ids, lost }: { ids: readonly string[]; lost: readonly LostSession[] },
): Promise<CommandStanding[]> {
  return tx.rows(
    `select c.id, c.organization_id as "organizationId", d.external_device_id as "externalDeviceId",
            c.state, c.reason, c.detail, c.handed_over as "handedOver",
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
    [ids, lost.map(({ organizationId }) => organizationId), lost.map((session) => session.externalDeviceId)],
  );
}

interface WrittenRow {
  command: string;
  organization: string;
}

function written(rows: readonly WrittenRow[]): WrittenCommands {
  return new Map(rows.map(({ command, organization }) => [command, { organizationId: organization }]));
}

const writeStatement = {
  name: 'change_commands',
  text: `select command, organization
           from private.change_commands($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
};

function columnsOf(changes: readonly CommandChange[]): unknown[] {
  const column = (of: (change: CommandChange) => unknown) => changes.map((change) => of(change) ?? null);
  return [
    column(({ id }) => id),
    column(({ allowed }) => allowed.join(',')),
    column(({ from }) => from?.organizationId),
    column(({ from }) => from?.externalDeviceId),
    column(({ state }) => state),
    column(({ reason }) => reason),
    column(({ detail }) => detail),
    column(({ result }) => result),
    column(({ attempted }) => attempted),
    column(({ waitsForDevice }) => waitsForDevice),
    column(({ retrySeconds }) => retrySeconds),
    column(({ publishedAt }) => publishedAt),
    column(({ handedOver }) => handedOver),
    column(({ delivered }) => delivered),
    column(({ acknowledged }) => acknowledged),
  ];
}
