import {
  type DeclaredCommand,
  type DeclaredMetric,
  type DeviceType,
  declaredCommand,
} from '../contract/device-types.ts';
import { PlatformError } from '../service/errors.ts';
import type { Transaction } from './transaction.ts';

/** Of one organization: all are listed at once. */
const MOST_TYPES = 200;

const selectType = `select t.id, t.name, t.commands, t.metrics, t.retention_days,
    (select count(*) from public.devices d where d.device_type_id = t.id) as device_count, t.created_at
  from public.device_types t`;

/** By name. */
export function listDeviceTypes(tx: Transaction, organizationId: string): Promise<DeviceType[]> {
  return tx.rows(`${selectType} where t.organization_id = $1 order by t.name, t.id`, [organizationId]);
}

export interface DeviceTypeAddress {
  organizationId: string;
  deviceTypeId: string;
}

export function getDeviceType(tx: Transaction, address: DeviceTypeAddress): Promise<DeviceType | undefined> {
  return tx.row(`${selectType} where t.organization_id = $1 and t.id = $2`, [
    address.organizationId,
    address.deviceTypeId,
  ]);
}

export interface Declared {
  name: string;
  commands: readonly DeclaredCommand[];
  metrics: readonly DeclaredMetric[];
  retention_days: number | null;
}

/** @returns its id. @throws PlatformError `limit_reached`; `conflict` for a name that is taken */
export async function insertDeviceType(
  tx: Transaction,
  type: Declared & { organizationId: string },
): Promise<string> {
  const there = await tx.row<{ count: number }>(
    'select count(*) from public.device_types where organization_id = $1',
    [type.organizationId],
  );
  if (there!.count >= MOST_TYPES) {
    throw new PlatformError('limit_reached', `There are ${MOST_TYPES} device types already.`);
  }
  const row = await tx.row<{ id: string }>(
    `insert into public.device_types (organization_id, name, commands, metrics, retention_days)
     values ($1, $2, $3, $4, $5) returning id`,
    [
      type.organizationId,
      type.name,
      JSON.stringify(type.commands),
      JSON.stringify(type.metrics),
      type.retention_days,
    ],
  );
  return row!.id;
}

/** Changes what is given. @throws PlatformError `conflict` for a name that is taken */
export async function updateDeviceType(
  tx: Transaction,
  address: DeviceTypeAddress,
  changes: { [Key in keyof Declared]?: Declared[Key] | undefined },
): Promise<void> {
  await tx.row(
    `update public.device_types set name = coalesce($3, name), commands = coalesce($4::jsonb, commands),
            metrics = coalesce($5::jsonb, metrics), retention_days = case when $6 then $7::int else retention_days end,
            updated_at = now()
      where organization_id = $1 and id = $2`,
    [
      address.organizationId,
      address.deviceTypeId,
      changes.name,
      changes.commands && JSON.stringify(changes.commands),
      changes.metrics && JSON.stringify(changes.metrics),
      changes.retention_days !== undefined,
      changes.retention_days,
    ],
  );
}

/** Its devices are of no type then. @returns false when there is none */
export async function deleteDeviceType(tx: Transaction, address: DeviceTypeAddress): Promise<boolean> {
  const row = await tx.row(
    'delete from public.device_types where organization_id = $1 and id = $2 returning id',
    [address.organizationId, address.deviceTypeId],
  );
  return row !== undefined;
}

/** How types declare one command, by the type's id. Left out are those that don't, or not in a way that is known here. */
export async function declarationsOf(
  tx: Transaction,
  wanted: { organizationId: string; deviceTypeIds: readonly string[]; command: string },
): Promise<Map<string, DeclaredCommand>> {
  if (wanted.deviceTypeIds.length === 0) return new Map();
  const rows = await tx.rows<{ id: string; declared: unknown }>(
    `select id, jsonb_path_query_first(commands, '$[*] ? (@.name == $name)', jsonb_build_object('name', $3::text)) as declared
       from public.device_types where organization_id = $1 and id = any ($2::uuid[])`,
    [wanted.organizationId, wanted.deviceTypeIds, wanted.command],
  );
  return new Map(
    rows.flatMap(({ id, declared }) => {
      const { data } = declaredCommand.safeParse(declared);
      return data ? [[id, data] as const] : [];
    }),
  );
}
