import { decoderFor } from '../../src/decode/index.ts';
import type { DeviceRef } from '../../src/ingest/device-registry.ts';
import { fingerprint } from '../../src/ingest/fingerprint.ts';
import type { IntegrationRules } from '../../src/ingest/integration-rules.ts';
import { keyCounter } from '../../src/ingest/keys.ts';
import type { ConnectionSignal, MessageSource } from '../../src/ingest/message.ts';
import { type PreparedMessage, prepare } from '../../src/ingest/prepare.ts';

const nextKey = keyCounter();
let now = Date.UTC(2026, 10, 23) * 1000;

export const integration: IntegrationRules = {
  id: '11111111-1111-4111-8111-111111111111',
  idBytes: Buffer.alloc(16, 1),
  organizationId: '22222222-2222-4222-8222-222222222222',
  organizationBytes: Buffer.alloc(16, 2),
  decoding: decoderFor('auto')!,
  autoRegister: true,
  deviceLimit: 10,
  patterns: undefined,
};

/** @param id the last byte of its id; none for a device that is not known yet */
export function deviceRef(externalDeviceId: string, id?: number): DeviceRef {
  return {
    integration,
    externalDeviceId,
    id: id === undefined ? undefined : Buffer.alloc(16, id),
    usualIntervalMs: undefined,
    lastReportAt: undefined,
  };
}

/** A connection of a client; two of the same client id have the same client key. */
export function source(clientId: string, connection = 1): MessageSource {
  const clientKey = fingerprint(Buffer.from(clientId));
  return { integration, clientId, clientKey, connectionId: Buffer.alloc(16, connection) };
}

/** A message as the gateway hands it over, received a second after the one before. */
export function message(options: {
  device: DeviceRef;
  payload: string;
  from?: MessageSource;
  packetId?: number;
  dup?: boolean;
  qos?: 0 | 1 | 2;
  channel?: 'telemetry' | 'status';
  isRetainedCopy?: boolean;
}): PreparedMessage {
  const { device, payload, channel = 'telemetry', from = source('client') } = options;
  now += 1_000_000;
  return prepare(
    {
      source: from,
      device,
      channel,
      topic: `org/devices/${device.externalDeviceId}/${channel}`,
      payload: Buffer.from(payload),
      qos: options.qos ?? 1,
      retain: false,
      isRetainedCopy: options.isRetainedCopy ?? false,
      dup: options.dup ?? false,
      packetId: options.qos === 0 ? 0 : (options.packetId ?? 1),
      receivedAt: now,
      settled() {},
    },
    { oldest: 0, nextKey },
  );
}

export function signal(
  device: DeviceRef,
  connection: ConnectionSignal['connection'],
  from = source('client'),
): ConnectionSignal {
  now += 1_000_000;
  return { source: from, device, connection, at: now };
}
