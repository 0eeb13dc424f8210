import { readConfig } from '../../src/main/config.ts';
import { type RunningProcess, startProcess } from '../../src/main/process.ts';
import { silentLog } from '../../src/service/log.ts';
import { startMosquitto } from './mosquitto.ts';
import { type TestPlatform, testPlatform } from './platform.ts';
import { firstTenant, type Tenant } from './tenant.ts';

/** Several gateways of one platform, in front of one Mosquitto. */
export interface Gateways {
  platform: TestPlatform;
  tenant: Tenant;
  /** Of each gateway. */
  mqttUrls: string[];
  close(): Promise<void>;
}

/** The first is in a whole platform, the others are processes' worth of gateways beside it. */
export async function startGateways(count: number): Promise<Gateways> {
  const broker = await startMosquitto({ settings: ['max_queued_messages 0'] });
  const platform = await testPlatform({ ENGINE: broker.url });
  const config = readConfig({
    HTTP_PORT: '0',
    MQTT_PORT: '0',
    MQTT_WS_PORT: '0',
    DATABASE_URL: platform.test.url,
    DATA_DIR: platform.dataDir,
    ENGINE: broker.url,
  });
  const others: RunningProcess[] = [];
  for (let n = 1; n < count; n += 1) others.push(await startProcess(config, silentLog, ['gateway']));
  return {
    platform,
    tenant: await firstTenant(platform),
    mqttUrls: [platform.mqttUrl, ...others.map(({ mqttUrl }) => mqttUrl!)],
    async close() {
      for (const other of others) await other.stop();
      await platform.close();
      await broker.stop();
    },
  };
}
