import type pg from 'pg';
import { uuidBytes } from './binary-array.ts';

/** A device that a message names and whose id is not known yet. */
export interface UnknownDevice {
  organizationId: string;
  integrationId: string;
  externalDeviceId: string;
  /** Whether to register it if there is none. */
  register: boolean;
}

export type ResolvedDevice =
  | { id: Buffer; usualIntervalMs: number | undefined; lastReportAt: number | undefined }
  | { refusal: 'unknown_device' | 'device_limit' };

interface DeviceRow {
  position: number;
  id: string;
  usual_interval_ms: number | null;
  last_message_at: string | null;
}

/** Devices that are deleted again while they are being registered are looked for so often. */
const MOST_ATTEMPTS = 5;

/**
 * Looks devices up and registers those that are new, within the caller's transaction: once each, however many
 * processes meet them at the same time, and never beyond the integration's limit.
 * @returns an answer for each of `devices`, in their order; none for one that keeps coming and going
 */
export async function resolveDevices(
  client: pg.ClientBase,
  devices: readonly UnknownDevice[],
): Promise<(ResolvedDevice | undefined)[]> {
  const answers: (ResolvedDevice | undefined)[] = new Array(devices.length);
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    await lookUp(client, devices, answers);
    const positions = [...devices.keys()].filter((at) => !answers[at] && devices[at]!.register);
    if (positions.length === 0) break;
    const wanted = positions.map((at) => devices[at]!);
    for (const over of await register(client, wanted)) {
      answers[positions[over]!] = { refusal: 'device_limit' };
    }
  }
  return devices.map(
    (device, position) => answers[position] ?? (device.register ? undefined : { refusal: 'unknown_device' }),
  );
}

async function lookUp(
  client: pg.ClientBase,
  devices: readonly UnknownDevice[],
  answers: (ResolvedDevice | undefined)[],
): Promise<void> {
  const { rows } = await client.query<DeviceRow>(
    `select asked.position::int, d.id, s.usual_interval_ms,
            (extract(epoch from s.last_message_at) * 1000000)::bigint as last_message_at
       from unnest($1::uuid[], $2::text[]) with ordinality as asked (organization_id, external_device_id, position)
       join public.devices d using (organization_id, external_device_id)
       join public.device_state s on s.device_id = d.id`,
    [devices.map((device) => device.organizationId), devices.map((device) => device.externalDeviceId)],
  );
  for (const row of rows) {
    answers[row.position - 1] = {
      id: uuidBytes(row.id),
      usualIntervalMs: row.usual_interval_ms ?? undefined,
      lastReportAt: row.last_message_at === null ? undefined : Number(row.last_message_at),
    };
  }
}

/**
 * The organizations' and integrations' rows are locked in order, so that the counts hold until the commit.
 * @returns positions of those for which there is no room
 */
async function register(client: pg.ClientBase, devices: readonly UnknownDevice[]): Promise<number[]> {
  await client.query(
    `select 1 from public.organizations where id = any ($1::uuid[]) order by id for no key update`,
    [devices.map((device) => device.organizationId)],
  );
  await client.query(
    `select 1 from public.device_integrations where id = any ($1::uuid[]) order by id for no key update`,
    [devices.map((device) => device.integrationId)],
  );
  const { rows } = await client.query<{ position: number }>(
    `with asked as (
       select * from unnest($1::uuid[], $2::uuid[], $3::text[]) with ordinality
         as asked (organization_id, integration_id, external_device_id, position)
     ), room as (
       select i.id, i.device_limit - (select count(*) from public.devices d where d.integration_id = i.id) as free
         from public.device_integrations i where i.id in (select integration_id from asked)
     ), room_of_all as (
       select a.organization_id, (private.limits_of(a.organization_id) ->> 'devices')::bigint
              - (select count(*) from public.devices d where d.organization_id = a.organization_id) as free
         from (select distinct organization_id from asked) a
     ), numbered as (
       select asked.*, dense_rank() over (partition by integration_id order by first) as number,
              dense_rank() over (partition by organization_id order by first) as number_of_all
         from (select *, min(position) over (partition by organization_id, external_device_id) as first from asked) asked
        where not exists (select 1 from public.devices d
          where d.organization_id = asked.organization_id and d.external_device_id = asked.external_device_id)
     ), registered as (
       insert into public.devices (organization_id, integration_id, external_device_id, name)
       select organization_id, integration_id, external_device_id, external_device_id
         from numbered join room on room.id = integration_id join room_of_all using (organization_id)
        where number <= room.free and number_of_all <= coalesce(room_of_all.free, number_of_all) and position = first
        order by organization_id, external_device_id
       on conflict do nothing
     )
     select (position - 1)::int as position
       from numbered join room on room.id = integration_id join room_of_all using (organization_id)
      where number > room.free or number_of_all > room_of_all.free`,
    [
      devices.map((device) => device.organizationId),
      devices.map((device) => device.integrationId),
      devices.map((device) => device.externalDeviceId),
    ],
  );
  return rows.map(({ position }) => position);
}
