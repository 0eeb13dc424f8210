import type { LiveConnection } from '../contract/connections.ts';
import type { Transaction } from './transaction.ts';

export interface ConnectionsAsked {
  organizationId: string;
  credentialId?: string;
  search?: string;
  after?: { connectedAt: string; id: string };
  limit: number;
}

/** Clients that are connected now, the latest first. */
export function listConnections(tx: Transaction, asked: ConnectionsAsked): Promise<LiveConnection[]> {
  return tx.rows(
    `select n.id, n.client_id, n.credential_id, c.username, c.label, c.device_id, d.external_device_id,
            case n.protocol_level when 5 then '5' when 4 then '3.1.1' else '3.1' end as protocol_version,
            n.transport, n.remote_address, n.connected_at, n.disconnect_asked_at
       from public.mqtt_connections n
       join public.mqtt_credentials c on c.id = n.credential_id
       left join public.devices d on d.id = c.device_id
      where n.organization_id = $1
        and ($2::uuid is null or n.credential_id = $2)
        and ($3::text is null or strpos(lower(n.client_id), lower($3)) > 0 or strpos(n.remote_address, $3) > 0)
        and ($4::timestamptz is null or (n.connected_at, n.id) < ($4, $5::uuid))
      order by n.connected_at desc, n.id desc limit $6`,
    [
      asked.organizationId,
      asked.credentialId,
      asked.search || undefined,
      asked.after?.connectedAt,
      asked.after?.id,
      asked.limit,
    ],
  );
}

/** Asks the gateway that holds it to end a connection. @returns false when it stands no more */
export async function askToDisconnect(
  tx: Transaction,
  address: { organizationId: string; connectionId: string },
): Promise<boolean> {
  const row = await tx.row(
    'update public.mqtt_connections set disconnect_asked_at = now() where organization_id = $1 and id = $2 returning id',
    [address.organizationId, address.connectionId],
  );
  return row !== undefined;
}

/** How many clients are connected to each gateway now, by its process. */
export async function connectionsByGateway(
  tx: Transaction,
  organizationId: string,
): Promise<Map<string, number>> {
  const rows = await tx.rows<{ gateway_id: string; connections: number }>(
    'select gateway_id, count(*) as connections from public.mqtt_connections where organization_id = $1 group by gateway_id',
    [organizationId],
  );
  return new Map(rows.map((row) => [row.gateway_id, row.connections]));
}
