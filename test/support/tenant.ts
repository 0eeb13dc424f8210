import { randomUUID } from 'node:crypto';
import { hashPassword } from '../../src/service/password.ts';
import type { TestDatabase } from './database.ts';
import type { Credential, TestPlatform } from './platform.ts';

/** An organization as its clients and its rows see it. */
export interface Tenant {
  organizationId: string;
  integrationId: string;
  /** Of the organization, or of one device, which is registered for it. */
  credential(externalDeviceId?: string): Promise<Credential>;
  /** `org_{organization}/devices/{device}/{channel}` */
  topic(externalDeviceId: string, channel?: string): string;
  /** Rows of a query in which `$1` is the organization. */
  rows<Row = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>;
}

/** The organization that the platform was set up with. */
export async function firstTenant(platform: TestPlatform): Promise<Tenant> {
  return tenantOf(platform.test, platform.organizationId);
}

/** An organization of somebody else's. */
export async function otherTenant({ test }: { test: TestDatabase }): Promise<Tenant> {
  const { rows } = await test.pool.query(`select private.found_organization('Other', $1) as id`, [
    randomUUID(),
  ]);
  return tenantOf(test, rows[0].id as string);
}

async function tenantOf({ pool }: TestDatabase, organizationId: string): Promise<Tenant> {
  const rows: Tenant['rows'] = async (sql, values = []) =>
    (await pool.query(sql, [organizationId, ...values])).rows;
  const [integration] = await rows<{ id: string }>(
    'select id from device_integrations where organization_id = $1',
  );
  const integrationId = integration!.id;
  return {
    organizationId,
    integrationId,
    rows,
    topic: (externalDeviceId, channel = 'telemetry') =>
      `org_${organizationId}/devices/${externalDeviceId}/${channel}`,
    async credential(externalDeviceId) {
      const deviceId = externalDeviceId && (await device(externalDeviceId));
      const prefix = `org_${organizationId}/devices/${externalDeviceId ? `${externalDeviceId}/` : ''}#`;
      const username = `test_${randomUUID()}`;
      const password = randomUUID();
      const [credential] = await rows<{ id: string }>(
        `insert into mqtt_credentials (organization_id, device_id, username, password_hash, topic_prefix)
         values ($1, $2, $3, $4, $5) returning id`,
        [deviceId ?? null, username, await hashPassword(password), prefix],
      );
      return { id: credential!.id, username, password, topic_prefix: prefix };
    },
  };

  async function device(externalDeviceId: string): Promise<string> {
    const [registered] = await rows<{ id: string }>(
      `insert into devices (organization_id, integration_id, external_device_id, name) values ($1, $2, $3, $3)
       on conflict (organization_id, external_device_id) do update set name = excluded.name returning id`,
      [integrationId, externalDeviceId],
    );
    return registered!.id;
  }
}
