import type { Command } from '../contract/commands.ts';
import { type CommandState, commandReasons } from '../domain/command.ts';
import type { Transaction } from './transaction.ts';

/** Commands as their organization makes and reads them. What sends them has statements of its own. */

const sentences = `'${JSON.stringify(commandReasons).replaceAll("'", "''")}'::jsonb`;

/** What stands in no column of `device_commands` as it is shown; `row` is the table's alias. */
export const shownOf = (row: string) => ({
  /** The words for this one, or else those of its reason. */
  detail: `coalesce(nullif(${row}.detail, ''), ${sentences} ->> ${row}.reason, '')`,
  requestedBy: `json_build_object('kind', coalesce(${row}.requested_as, 'sql'), 'id', ${row}.requested_by)`,
});
const { detail, requestedBy } = shownOf('c');

const columns = `c.id, c.device_id, d.external_device_id, c.name, c.params, c.state, c.reason,
    ${detail} as detail, c.result, c.supersede_key, c.attempts, ${requestedBy} as requested_by,
    c.sent_again_of, c.created_at, c.expires_at, c.published_at, c.delivered_at, c.acknowledged_at, c.finished_at`;

const selectCommand = `select ${columns}
  from public.device_commands c
  join public.devices d on d.id = c.device_id`;

export interface CommandFilter {
  organizationId: string;
  deviceId?: string | undefined;
  states?: readonly CommandState[] | undefined;
  name?: string | undefined;
  /** The last one of the page before. */
  after?: { createdAt: string; id: string } | undefined;
  limit: number;
}

/** Newest first. */
export function listCommands(tx: Transaction, filter: CommandFilter): Promise<Command[]> {
  return tx.rows(
    `${selectCommand}
      where c.organization_id = $1
        and ($2::uuid is null or c.device_id = $2)
        and ($3::text[] is null or c.state = any ($3))
        and ($4::text is null or c.name = $4)
        and ($5::timestamptz is null or (c.created_at, c.id) < ($5, $6::uuid))
      order by c.created_at desc, c.id desc limit $7`,
    [
      filter.organizationId,
      filter.deviceId,
      filter.states,
      filter.name,
      filter.after?.createdAt,
      filter.after?.id,
      filter.limit,
    ],
  );
}

export interface CommandAddress {
  organizationId: string;
  commandId: string;
}

export function getCommand(tx: Transaction, address: CommandAddress): Promise<Command | undefined> {
  return tx.row(`${selectCommand} where c.organization_id = $1 and c.id = $2`, [
    address.organizationId,
    address.commandId,
  ]);
}

/** In the order of the ids. */
export function getCommands(
  tx: Transaction,
  { organizationId, commandIds }: { organizationId: string; commandIds: readonly string[] },
): Promise<Command[]> {
  return tx.rows(
    `${selectCommand} join unnest($2::uuid[]) with ordinality as wanted (id, place) on wanted.id = c.id
      where c.organization_id = $1 order by wanted.place`,
    [organizationId, commandIds],
  );
}

/** A device that is to get a command, with the command as its type declares it. */
export interface CommandTarget {
  deviceId: string;
  deviceTypeId: string | null;
}

/** Those of the devices that are there. */
export function commandTargets(
  tx: Transaction,
  { organizationId, deviceIds }: { organizationId: string; deviceIds: readonly string[] },
): Promise<CommandTarget[]> {
  return tx.rows(
    {
      name: 'command_targets',
      text: `select id as "deviceId", device_type_id as "deviceTypeId" from public.devices
              where organization_id = $1 and id = any ($2::uuid[])`,
    },
    [organizationId, deviceIds],
  );
}

export interface NewCommands {
  organizationId: string;
  /** Each with the params as its type fills them in. */
  targets: readonly { deviceId: string; params: object }[];
  name: string;
  supersedeKey?: string | undefined;
  ttlSeconds: number;
  idempotencyKey?: string | undefined;
  sentAgainOf?: string | undefined;
  /** Only for devices that the caller sees and that are of no type: whoever does not know need not ask first. */
  unasked?: boolean;
}

/**
 * Makes them, in the order of the devices' ids: each locks its device, and two that did so in orders of their own
 * would wait for each other.
 * @returns what was made: nothing for an idempotency key that is taken
 */
export function insertCommands(tx: Transaction, commands: NewCommands): Promise<Command[]> {
  return tx.rows(
    {
      name: 'insert_commands',
      text: `
        with d as materialized (
          select target.device_id, target.params, known.external_device_id
            from unnest($2::uuid[], $3::text[]) as target (device_id, params)
            -- With a limit it is looked up, and never hashed or merged with all there are.
            left join lateral (select d.organization_id, d.external_device_id, d.device_type_id from public.devices d
                                where d.id = target.device_id limit 1) known on true
           where not $9 or known.organization_id = $1 and known.device_type_id is null
        ), c as (
          insert into public.device_commands
            (organization_id, device_id, name, params, supersede_key, expires_at, idempotency_key, sent_again_of)
          select $1, device_id, $4, params::jsonb, $5, now() + make_interval(secs => $6), $7, $8
            from d order by device_id
          on conflict do nothing
          returning *
        )
        select ${columns} from c join d on d.device_id = c.device_id`,
    },
    [
      commands.organizationId,
      commands.targets.map(({ deviceId }) => deviceId),
      commands.targets.map(({ params }) => JSON.stringify(params)),
      commands.name,
      commands.supersedeKey,
      commands.ttlSeconds,
      commands.idempotencyKey,
      commands.sentAgainOf,
      commands.unasked === true,
    ],
  );
}

/**
 * The command that an idempotency key has made.
 * @returns `same`: whether it asks the same of the same device
 */
export function commandByKey(
  tx: Transaction,
  wanted: { organizationId: string; idempotencyKey: string; deviceId: string; name: string; params: object },
): Promise<{ id: string; same: boolean } | undefined> {
  return tx.row(
    `select id, device_id = $3 and name = $4 and params = $5::jsonb as same
       from public.device_commands where organization_id = $1 and idempotency_key = $2`,
    [
      wanted.organizationId,
      wanted.idempotencyKey,
      wanted.deviceId,
      wanted.name,
      JSON.stringify(wanted.params),
    ],
  );
}

/** What is needed to ask once more: for as long as the first time. */
export function commandToRepeat(
  tx: Transaction,
  address: CommandAddress,
): Promise<
  | {
      state: CommandState;
      deviceId: string;
      name: string;
      params: object;
      supersedeKey: string | null;
      ttlSeconds: number;
    }
  | undefined
> {
  return tx.row(
    `select state, device_id as "deviceId", name, params, supersede_key as "supersedeKey",
            extract(epoch from expires_at - created_at)::float8 as "ttlSeconds"
       from public.device_commands where organization_id = $1 and id = $2`,
    [address.organizationId, address.commandId],
  );
}

/** Calls it off, if it is not on its way yet. @returns the state in which it is now */
export async function cancelCommand(tx: Transaction, commandId: string): Promise<CommandState | undefined> {
  const row = await tx.row<{ state: CommandState | null }>('select public.cancel_command($1) as state', [
    commandId,
  ]);
  return row?.state ?? undefined;
}

/** How far commands have come for which somebody waits, of those that are no longer merely queued. */
export function commandProgress(
  tx: Transaction,
  commandIds: readonly string[],
): Promise<{ id: string; final: boolean }[]> {
  return tx.rows(
    `select id, finished_at is not null as final from public.device_commands
      where id = any ($1::uuid[]) and (state <> 'queued' or reason is not null)`,
    [commandIds],
  );
}
