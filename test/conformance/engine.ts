import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { TestClient } from './client.ts';
import type { Conformance, ConformanceTenant, EngineUnderTest } from './conformance.ts';
import { deliveryConformance } from './delivery.ts';
import { mqtt5Conformance } from './mqtt5.ts';
import { qos2Conformance } from './qos2.ts';
import { restartConformance } from './restart.ts';
import { retainedConformance } from './retained.ts';
import { sessionConformance } from './sessions.ts';
import { tenantConformance } from './tenants.ts';
import { willConformance } from './will.ts';

/** For nobody: that the engine answers it says that it has done what it was asked for before. */
export const anyMessage = { topic: 'nobody', payload: Buffer.alloc(0), qos: 1, retain: false } as const;

/**
 * What the gateway relies on, whatever broker stands behind it. Each engine runs the same suite, all of it: what one
 * can't do (`capabilities.ts`) is expected of it not to be done.
 * Nothing waits for a time: that something does not arrive is known when what was sent behind it does.
 * @param options for an engine that does not do everything at the first try
 */
export function engineConformance(
  name: string,
  create: () => Promise<EngineUnderTest>,
  options: { timeout?: number; retry?: number } = {},
): void {
  describe(name, options, () => {
    let subject: EngineUnderTest;
    let tenant: ConformanceTenant;
    let number = 0;

    beforeAll(async () => {
      subject = await create();
    }, 120_000);
    afterAll(() => subject.close());
    beforeEach(() => {
      tenant = another();
    });

    function another(): ConformanceTenant {
      const organization = randomUUID();
      const identity = (client = `client-${++number}`) => ({
        clientId: `${organization}:${client}`,
        username: `org_${organization}`,
        patient: !subject.can.atOnce,
      });
      return {
        topic: (rest) => `org_${organization}/devices/${rest}`,
        identity,
        connect: (options) => TestClient.connect(subject.engine, { ...identity(), ...options }),
      };
    }

    const conformance: Conformance = {
      engine: () => subject.engine,
      can: () => subject.can,
      most: () => (subject.can.qos2 ? 2 : 1),
      async restart(how) {
        if (how === 'killed') await subject.save?.();
        return subject.restart(how);
      },
      kill: () => subject.save && (() => subject.restart('killed')),
      another,
      topic: (rest) => tenant.topic(rest),
      identity: (client) => tenant.identity(client),
      connect: (options) => tenant.connect(options),
    };
    deliveryConformance(conformance);
    retainedConformance(conformance);
    willConformance(conformance);
    sessionConformance(conformance);
    qos2Conformance(conformance);
    restartConformance(conformance);
    tenantConformance(conformance);
    mqtt5Conformance(conformance);
  });
}
