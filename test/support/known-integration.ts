import { randomUUID } from 'node:crypto';
import { type BrokerSettings, brokerSettings } from '../../src/contract/broker-settings.ts';
import type { ExpectedTopic } from '../../src/contract/expected-topics.ts';
import type { CommandForm } from '../../src/domain/command-message.ts';
import type { OutgoingCommand } from '../../src/domain/sending.ts';
import { KnownIntegration } from '../../src/external/directory.ts';
import { RouteMemory } from '../../src/external/route-memory.ts';
import { DeviceRegistry } from '../../src/ingest/device-registry.ts';
import { createSeal } from '../../src/service/seal.ts';

const seal = createSeal('0123456789abcdef0123456789abcdef');
const parts = { devices: new DeviceRegistry(), seal, routes: new RouteMemory(1000) };

export interface KnownSettings {
  id?: string;
  organizationId?: string;
  expectedTopics?: ExpectedTopic[];
}

/** An integration as the directory knows it, without a database behind it. */
export async function knownIntegration(
  broker: (Partial<BrokerSettings> & { url: string }) | undefined,
  {
    id = randomUUID(),
    organizationId = randomUUID(),
    expectedTopics = [{ topic: 'devices/+/responses' }],
  }: KnownSettings = {},
): Promise<KnownIntegration> {
  const { password, client_key, ...open } = broker ? brokerSettings.parse(broker) : ({} as BrokerSettings);
  return new KnownIntegration(
    {
      ...{ id, organizationId, name: 'Plant', mode: 'webhook', enabled: true, expectedTopics },
      ...{ decoder: 'auto', decoderSettings: null, autoRegister: true, deviceLimit: 10, tokens: [] },
      configuration: broker
        ? {
            broker: {
              ...open,
              has_password: password !== undefined,
              has_client_key: client_key !== undefined,
            },
          }
        : {},
      sealedSecrets: await seal.close(JSON.stringify({ password, client_key }), id),
      hostSettings: null,
    },
    parts,
  );
}

/** A command for a device of the integration. */
export function outgoing(
  integration: KnownIntegration,
  more: Partial<OutgoingCommand> & { commands?: CommandForm | undefined; enabled?: boolean } = {},
): OutgoingCommand {
  const { commands = { topic: 'devices/{device}/commands' }, enabled = true, ...rest } = more;
  return {
    id: randomUUID(),
    organizationId: integration.stored.organizationId,
    deviceId: randomUUID(),
    externalDeviceId: 't1',
    name: 'set_interval',
    params: { seconds: 30 },
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    attempts: 0,
    integration: { id: integration.stored.id, mode: 'webhook', enabled, commands },
    ...rest,
  };
}
