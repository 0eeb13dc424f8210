import type { Presence } from '../contract/common.ts';
import type { Device, DeviceMessage } from '../contract/devices.ts';
import { toBase64 } from '../service/base64.ts';
import { PlatformError } from '../service/errors.ts';
import { payloadText } from './payload.ts';
import type { Transaction } from './transaction.ts';

const selectDevice = `select d.id, d.external_device_id, d.name, d.integration_id, d.device_type_id, d.tags,
    s.presence, s.presence_since, s.presence_reason, s.last_message_at as last_seen_at,
    s.usual_interval_ms, s.latest, d.created_at
  from public.devices d
  join public.device_state s on s.device_id = d.id`;

export interface DeviceFilter {
  organizationId: string;
  externalDeviceId?: string;
  /** Part of the name or of external_device_id, in any case. */
  search?: string;
  presence?: Presence;
  deviceTypeId?: string;
  /** It has all of them. */
  tags?: readonly string[];
  /** external_device_id of the last device of the page before. */
  after?: string;
  limit: number;
}

/** Devices by external_device_id. */
export function listDevices(tx: Transaction, filter: DeviceFilter): Promise<Device[]> {
  const pattern = filter.search && `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
  return tx.rows(
    `${selectDevice}
      where d.organization_id = $1
        and ($2::text is null or d.external_device_id = $2)
        and ($3::text is null or d.external_device_id ilike $3 or d.name ilike $3)
        and ($4::text is null or s.presence = $4)
        and ($5::uuid is null or d.device_type_id = $5)
        and ($6::text is null or d.external_device_id > $6)
        and ($7::text[] is null or d.tags @> $7)
      order by d.external_device_id limit $8`,
    [
      filter.organizationId,
      filter.externalDeviceId,
      pattern || null,
      filter.presence,
      filter.deviceTypeId,
      filter.after,
      filter.tags,
      filter.limit,
    ],
  );
}

export interface DeviceAddress {
  organizationId: string;
  deviceId: string;
}

export function getDevice(tx: Transaction, device: DeviceAddress): Promise<Device | undefined> {
  return tx.row(`${selectDevice} where d.organization_id = $1 and d.id = $2`, [
    device.organizationId,
    device.deviceId,
  ]);
}

/**
 * Registers a device with the hosted integration.
 * @returns undefined when there is one by that name already
 * @throws PlatformError `limit_reached` of the integration, `devices_limit` of the organization
 */
export async function registerDevice(
  tx: Transaction,
  device: { organizationId: string; externalDeviceId: string; name?: string },
): Promise<string | undefined> {
  const integration = await tx.row<{ id: string; full: boolean; device_limit: number }>(
    `select id, device_limit,
            (select count(*) from public.devices d where d.integration_id = i.id) >= device_limit as full
       from public.device_integrations i
      where organization_id = $1 and integration_type = 'mqtt_hosted'`,
    [device.organizationId],
  );
  if (integration?.full) {
    throw new PlatformError(
      'limit_reached',
      `The limit of ${integration.device_limit} devices (device_limit) is reached.`,
    );
  }
  const { room } = (await tx.row<{ room: boolean }>('select private.has_device_room($1) as room', [
    device.organizationId,
  ]))!;
  if (!room && !(await deviceByName(tx, device))) {
    throw new PlatformError(
      'devices_limit',
      'The organization has as many devices as it may (devices_limit).',
    );
  }
  const row = await tx.row<{ id: string }>(
    `insert into public.devices (organization_id, integration_id, external_device_id, name)
     values ($1, $2, $3, $4) on conflict (organization_id, external_device_id) do nothing returning id`,
    [device.organizationId, integration?.id, device.externalDeviceId, device.name ?? device.externalDeviceId],
  );
  return row?.id;
}

/** @returns the id of the device with this name, registering it if need be */
export async function findOrRegisterDevice(
  tx: Transaction,
  device: { organizationId: string; externalDeviceId: string },
): Promise<string> {
  const known = await deviceByName(tx, device);
  // Undefined when it was registered meanwhile, by its first message say; then it is there now.
  return known ?? (await registerDevice(tx, device)) ?? (await deviceByName(tx, device))!;
}

/** @returns its id */
export async function deviceByName(
  tx: Transaction,
  device: { organizationId: string; externalDeviceId: string },
): Promise<string | undefined> {
  const row = await tx.row<{ id: string }>(
    'select id from public.devices where organization_id = $1 and external_device_id = $2',
    [device.organizationId, device.externalDeviceId],
  );
  return row?.id;
}

/** Whose a device is; undefined for those of organizations that the caller is not in. */
export async function organizationOfDevice(tx: Transaction, deviceId: string): Promise<string | undefined> {
  const row = await tx.row<{ organization_id: string }>(
    'select organization_id from public.devices where id = $1',
    [deviceId],
  );
  return row?.organization_id;
}

/**
 * Changes what is given; a type of null takes it off.
 * @returns false when there is none
 */
export async function updateDevice(
  tx: Transaction,
  device: DeviceAddress,
  changes: {
    name?: string | undefined;
    deviceTypeId?: string | null | undefined;
    tags?: readonly string[] | undefined;
  },
): Promise<boolean> {
  const row = await tx.row(
    `update public.devices set name = coalesce($3, name),
            device_type_id = case when $4 then $5::uuid else device_type_id end,
            tags = coalesce($6, tags), updated_at = now()
      where organization_id = $1 and id = $2 returning id`,
    [
      device.organizationId,
      device.deviceId,
      changes.name,
      changes.deviceTypeId !== undefined,
      changes.deviceTypeId,
      changes.tags,
    ],
  );
  return row !== undefined;
}

/** With its state, history, messages and own credentials. @returns false when there is none */
export async function deleteDevice(tx: Transaction, device: DeviceAddress): Promise<boolean> {
  const row = await tx.row('delete from public.devices where organization_id = $1 and id = $2 returning id', [
    device.organizationId,
    device.deviceId,
  ]);
  return row !== undefined;
}

/** How many raw messages of a device are shown; ingest keeps a few more. */
const MESSAGES_SHOWN = 20;

/** Newest first; undefined when there is no such device. */
export async function listDeviceMessages(
  tx: Transaction,
  device: DeviceAddress,
): Promise<DeviceMessage[] | undefined> {
  if (!(await deviceExists(tx, device))) return undefined;
  type Row = Omit<DeviceMessage, 'payload' | 'payload_base64'> & { payload: Uint8Array };
  const rows = await tx.rows<Row>(
    `select received_at, topic, payload, payload_bytes, qos, retain, outcome, reason, readings
       from public.device_messages where organization_id = $1 and device_id = $2
      order by received_at desc limit ${MESSAGES_SHOWN}`,
    [device.organizationId, device.deviceId],
  );
  return rows.map((row) => {
    const text = payloadText(row.payload, row.payload.length >= row.payload_bytes);
    return { ...row, payload: text, payload_base64: text === null ? toBase64(row.payload) : null };
  });
}

export async function deviceExists(tx: Transaction, device: DeviceAddress): Promise<boolean> {
  const row = await tx.row('select 1 as found from public.devices where organization_id = $1 and id = $2', [
    device.organizationId,
    device.deviceId,
  ]);
  return row !== undefined;
}
