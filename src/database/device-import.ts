import type { Transaction } from './transaction.ts';

/** A device as a file names it, with what is there under that name. */
export interface ImportTarget {
  id: string;
  external_device_id: string;
  name: string;
  device_type_id: string | null;
  tags: string[];
}

/** Devices of these names. Until the transaction ends nobody else changes them. */
export function devicesByName(
  tx: Transaction,
  { organizationId, names }: { organizationId: string; names: readonly string[] },
): Promise<ImportTarget[]> {
  return tx.rows(
    `select id, external_device_id, name, device_type_id, tags from public.devices
      where organization_id = $1 and external_device_id = any ($2::text[])
      order by id for no key update`,
    [organizationId, names],
  );
}

/** For how many more devices there is room, and which limit says so; nobody else registers any until the transaction ends. */
export async function deviceRoom(
  tx: Transaction,
  organizationId: string,
): Promise<{ room: number; limit: 'device_limit' | 'devices_limit' }> {
  const row = await tx.row<{ of_organization: number | null; of_integration: number | null }>(
    `select private.device_room($1) as of_organization,
            (select greatest(0, i.device_limit - (select count(*) from public.devices d where d.integration_id = i.id))
               from public.device_integrations i
              where i.organization_id = $1 and i.integration_type = 'mqtt_hosted') as of_integration`,
    [organizationId],
  );
  const { of_organization, of_integration } = row!;
  const [organization, integration] = [of_organization ?? Infinity, of_integration ?? Infinity];
  return organization < integration
    ? { room: organization, limit: 'devices_limit' }
    : { room: integration, limit: 'device_limit' };
}

export interface ImportedDevice {
  external_device_id: string;
  name: string;
  device_type_id: string | null;
  tags: readonly string[];
}

/** Registers them with the hosted integration. @returns how many; fewer when one was registered meanwhile */
export async function insertDevices(
  tx: Transaction,
  { organizationId, devices }: { organizationId: string; devices: readonly ImportedDevice[] },
): Promise<number> {
  const rows = await tx.rows(
    `insert into public.devices (organization_id, integration_id, external_device_id, name, device_type_id, tags)
     select $1, (select id from public.device_integrations where organization_id = $1 and integration_type = 'mqtt_hosted'),
            d.external_device_id, d.name, d.device_type_id, d.tags
       from jsonb_to_recordset($2) as d (external_device_id text, name text, device_type_id uuid, tags text[])
      order by d.external_device_id
     on conflict (organization_id, external_device_id) do nothing returning id`,
    [organizationId, JSON.stringify(devices)],
  );
  return rows.length;
}

export async function changeDevices(
  tx: Transaction,
  {
    organizationId,
    devices,
  }: { organizationId: string; devices: readonly Omit<ImportTarget, 'external_device_id'>[] },
): Promise<void> {
  await tx.rows(
    `update public.devices d
        set name = c.name, device_type_id = c.device_type_id, tags = c.tags, updated_at = now()
       from jsonb_to_recordset($2) as c (id uuid, name text, device_type_id uuid, tags text[])
      where d.organization_id = $1 and d.id = c.id`,
    [organizationId, JSON.stringify(devices)],
  );
}
