import { type BrokerSettings, readBrokerSettings } from '../contract/broker-settings.ts';
import type { KnownIntegration } from './directory.ts';
import type { BrokerTarget } from './transport.ts';

const read = new WeakMap<KnownIntegration, Promise<BrokerSettings | undefined>>();

/**
 * The broker of an integration with its secrets, ours or what a host platform keeps: the same object until it changes.
 * @returns undefined when the settings lead to none
 * @throws SealBroken
 */
export function brokerOf(integration: KnownIntegration): Promise<BrokerSettings | undefined> {
  const known = read.get(integration) ?? readBroker(integration);
  read.set(integration, known);
  return known;
}

async function readBroker(integration: KnownIntegration): Promise<BrokerSettings | undefined> {
  const { configuration, hostSettings } = integration.stored;
  if (!configuration.broker) return readBrokerSettings(hostSettings);
  const { has_password, has_client_key, ...open } = configuration.broker;
  const { password, client_key } = await integration.secrets();
  return { ...open, password, client_key };
}

export function targetOf(settings: BrokerSettings): BrokerTarget {
  return {
    url: settings.url,
    ca: settings.ca,
    clientCertificate: settings.client_certificate,
    clientKey: settings.client_key,
  };
}

/** 4 is MQTT 3.1.1. */
export function protocolVersionOf(settings: BrokerSettings): 4 | 5 {
  return settings.protocol_version === '5' ? 5 : 4;
}
