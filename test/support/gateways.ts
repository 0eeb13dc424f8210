import { startMosquitto } from './mosquitto.ts';
import { type NewPlatform, newPlatform, type TestPlatform, testPlatform } from './platform.ts';
import { firstTenant, type Tenant } from './tenant.ts';

/** Several gateways of one platform, in front of one Mosquitto. */
export interface Gateways {
  platform: TestPlatform;
  tenant: Tenant;
  /** Of each gateway. */
  mqttUrls: string[];
  close(): Promise<void>;
}

export async function startGateways(count: number): Promise<Gateways> {
  const broker = await startMosquitto({ settings: ['max_queued_messages 0'] });
  const first = await testPlatform({ ENGINE: broker.url });
  // Closed with the first, which has the database.
  const database = { ...first.test, close: async () => {} };
  const others: NewPlatform[] = [];
  for (let n = 1; n < count; n += 1) others.push(await newPlatform({ ENGINE: broker.url }, database));
  return {
    platform: first,
    tenant: await firstTenant(first),
    mqttUrls: [first, ...others].map(({ mqttUrl }) => mqttUrl),
    async close() {
      for (const other of others) await other.close();
      await first.close();
      await broker.stop();
    },
  };
}
