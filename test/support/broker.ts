import { randomUUID } from 'node:crypto';
import { embeddedEngine } from '../../src/engine/embedded/engine.ts';
import type { GatewayLimits } from '../../src/gateway/context.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
import { Ingest } from '../../src/ingest/ingest.ts';
import { Quotas } from '../../src/quota/quotas.ts';
import { systemClock } from '../../src/service/clock.ts';
import { inOrder } from '../../src/service/lifecycle.ts';
import { silentLog } from '../../src/service/log.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { otherTenant, type Tenant } from './tenant.ts';

/** The hosted broker alone, for limits that nobody sets in earnest. Changes are not announced to it. */
export interface TestBroker {
  test: TestDatabase;
  mqttUrl: string;
  gateway: Gateway;
  quotas: Quotas;
  tenant: Tenant;
  close(): Promise<void>;
}

export async function testBroker(limits: Partial<GatewayLimits>): Promise<TestBroker> {
  const test = await testDatabase();
  const { pool, connection } = test;
  const shared = { pool, log: silentLog, clock: systemClock() };
  const engine = embeddedEngine(shared);
  const ingest = new Ingest({ ...shared, connection, retentionDays: 1000 });
  const listen = { host: '127.0.0.1', mqttPort: 0, mqttWsPort: 0, tls: undefined, proxies: undefined };
  const quotas = new Quotas({ ...shared, id: randomUUID() });
  const gateway = new Gateway({
    ...shared,
    id: randomUUID(),
    isAlone: true,
    engine,
    quotas,
    ingest,
    listen,
    limits,
  });
  const services = inOrder([engine, ingest, quotas, gateway], silentLog);
  await services.start();
  return {
    test,
    mqttUrl: `mqtt://127.0.0.1:${gateway.ports.mqtt}`,
    gateway,
    quotas,
    tenant: await otherTenant({ test }),
    async close() {
      await services.stop();
      await test.close();
    },
  };
}
