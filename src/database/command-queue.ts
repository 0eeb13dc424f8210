import type pg from 'pg';
import type { CommandForm } from '../domain/command-message.ts';
import type { CommandIntegration, OutgoingCommand } from '../domain/sending.ts';

/**
 * Whose turn it is. pgmq carries the word that there is something to do for a device; a lease keeps a device's
 * commands in one process; the next of its commands is the row with the lowest sequence.
 */

const QUEUE = 'device_commands';

/** A word of the queue: something may have to be done for a device. */
export interface DeviceCall {
  messageId: string;
  deviceId: string;
}

/** @param read.seconds how long nobody else is given them */
export async function readCalls(
  pool: pg.Pool,
  read: { most: number; seconds: number },
): Promise<DeviceCall[]> {
  const { rows } = await pool.query<DeviceCall>({
    name: 'read_device_calls',
    text: `select msg_id::text as "messageId", message ->> 'device' as "deviceId" from pgmq.read('${QUEUE}', $1, $2)`,
    values: [read.seconds, read.most],
  });
  return rows;
}

interface HeadRow extends Omit<OutgoingCommand, 'integration'> {
  integrationId: string | null;
  mode: CommandIntegration['mode'] | null;
  enabled: boolean | null;
  commands: CommandForm | null;
}

export interface TakeTurns {
  devices: readonly string[];
  worker: string;
  /** How long a turn is the worker's from now, and nobody calls the command off. */
  seconds: number;
  /** Without: none of devices on the hosted broker. */
  hosted: boolean;
}

/** A turn that the worker has. */
export interface TakenTurn {
  /** The device's next command, if it may be sent now. */
  command: OutgoingCommand | undefined;
  /** There are others behind it. */
  hasMore: boolean;
}

/**
 * Takes the turns of devices that nobody else has, or renews them, with the next command of each. One that waits for
 * its device is tried too: whoever asks has reason to.
 * @returns the turns that the worker has, by device
 */
export async function takeTurns(pool: pg.Pool, take: TakeTurns): Promise<Map<string, TakenTurn>> {
  type Row = { turn: string; hasMore: boolean } & (HeadRow | { [Name in keyof HeadRow]: null });
  const { rows } = await pool.query<Row>({
    name: 'take_command_turns',
    text: `
      with mine as (
        insert into private.leases as l (name, holder, expires_at)
        select 'commands/' || device_id, $2::uuid, now() + make_interval(secs => $3)
          from unnest($1::uuid[]) as asked (device_id) order by device_id
        on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at,
          fencing = l.fencing + (l.holder <> excluded.holder)::int
          where l.holder = excluded.holder or l.expires_at < now()
        returning substr(name, ${'commands/'.length + 1})::uuid as device_id
      ), heads as (
        select head.*, i.id as integration_id, i.mode, i.enabled, i.configuration, d.external_device_id
          from mine cross join lateral (
            select id, device_id, next_attempt_at,
                   lead(true) over (order by sequence) is true as has_more
              from (select id, device_id, next_attempt_at, sequence from public.device_commands c
                     where c.device_id = mine.device_id and c.state = 'queued' and c.expires_at > now()
                     order by sequence limit 2) two
             order by sequence limit 1) head
          join public.devices d on d.id = head.device_id
          left join public.device_integrations i on i.id = d.integration_id and i.integration_type = 'mqtt_external'
         where coalesce(head.next_attempt_at, '-infinity') <= now()
           and ($4 or i.id is not null and i.mode is distinct from 'bridge')
      ), taken as (
        -- Sent by somebody else while this waited for the turn, it is not queued any more.
        update public.device_commands c set sending_until = now() + make_interval(secs => $3)
          from heads where c.id = heads.id and c.state = 'queued'
        returning c.id, c.organization_id as "organizationId", c.device_id as "deviceId",
          heads.external_device_id as "externalDeviceId", c.name, c.params, c.attempts,
          to_char(c.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "expiresAt",
          heads.integration_id as "integrationId", coalesce(heads.mode, 'subscribe') as mode, heads.enabled,
          heads.configuration -> 'commands' as commands, heads.has_more as "hasMore"
      )
      select mine.device_id as turn, taken.* from mine left join taken on taken."deviceId" = mine.device_id`,
    values: [take.devices, take.worker, take.seconds, take.hosted],
  });
  return new Map(
    rows.map(({ turn, hasMore, ...head }) => [
      turn,
      { command: head.id === null ? undefined : outgoing(head as HeadRow), hasMore },
    ]),
  );
}

function outgoing({ integrationId, mode, enabled, commands, ...command }: HeadRow): OutgoingCommand {
  const integration =
    integrationId === null
      ? undefined
      : { id: integrationId, mode: mode!, enabled: enabled!, commands: commands ?? undefined };
  return { ...command, integration };
}

/**
 * Gives turns back, with the words that began them, where nothing is left to do now.
 * @returns the devices that have something still
 */
export async function endTurns(
  pool: pg.Pool,
  turns: readonly { deviceId: string; messageIds: readonly string[] }[],
  worker: string,
): Promise<Set<string>> {
  const { rows } = await pool.query<{ device: string }>({
    name: 'end_command_turns',
    text: 'select private.end_turns($1, $2, $3) as device',
    values: [turns.map(({ deviceId }) => deviceId), worker, turns.flatMap(({ messageIds }) => messageIds)],
  });
  return new Set(rows.map(({ device }) => device));
}

/** Gives turns back in the middle, for others to go on with at once. */
export async function leaveTurns(pool: pg.Pool, devices: readonly string[], worker: string): Promise<void> {
  await pool.query(
    `with given_back as (
       delete from private.leases where holder = $2 and name = any (select 'commands/' || unnest($1::uuid[])))
     select private.call_devices($1::uuid[])`,
    [devices, worker],
  );
}

/** A device, or all of an organization. */
export interface CalledDevice {
  organizationId: string;
  externalDeviceId: string | undefined;
}

/** Devices are there: what waits for them is looked at again. */
export async function callWaiting(pool: pg.Pool, devices: readonly CalledDevice[]): Promise<void> {
  await pool.query({
    name: 'call_waiting_devices',
    text: `
      with called as (
        update public.device_commands c set waits_for_device = false, reason = null
          from unnest($1::uuid[], $2::text[]) as who (organization_id, external_device_id), public.devices d
         where c.organization_id = who.organization_id and c.state = 'queued' and c.waits_for_device
           and d.id = c.device_id and d.external_device_id = coalesce(who.external_device_id, d.external_device_id)
        returning c.device_id
      )
      select private.call_devices(array(select distinct device_id from called)) where exists (select from called)`,
    values: [
      devices.map(({ organizationId }) => organizationId),
      devices.map(({ externalDeviceId }) => externalDeviceId ?? null),
    ],
  });
}

export interface WaitingDevice extends OutgoingDevice {
  deviceId: string;
}
type OutgoingDevice = Pick<OutgoingCommand, 'organizationId' | 'externalDeviceId' | 'integration' | 'name'>;

/** Devices with a command that waits for them, by id. */
export async function waitingDevices(
  pool: pg.Pool,
  page: { after: string; limit: number },
): Promise<WaitingDevice[]> {
  const { rows } = await pool.query<HeadRow>(
    `select distinct on (c.device_id) c.device_id as "deviceId", c.organization_id as "organizationId", c.name,
            d.external_device_id as "externalDeviceId", i.id as "integrationId", i.mode, i.enabled,
            i.configuration -> 'commands' as commands
       from public.device_commands c
       join public.devices d on d.id = c.device_id
       left join public.device_integrations i on i.id = d.integration_id and i.integration_type = 'mqtt_external'
      where c.state = 'queued' and c.waits_for_device and c.device_id > $1
      order by c.device_id, c.sequence limit $2`,
    [page.after, page.limit],
  );
  return rows.map(outgoing);
}
