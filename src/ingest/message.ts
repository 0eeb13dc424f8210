import type { Microseconds } from '../domain/time.ts';
import type { DeviceRef } from './device-registry.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { IntegrationRules } from './integration-rules.ts';

/** Whoever hands messages over: one connection of a client, one webhook sender. */
export interface MessageSource {
  readonly integration: IntegrationRules;
  readonly clientId: string;
  /** Tells this client's packet ids from others': the same after a reconnect, on every gateway. */
  readonly clientKey: Fingerprint;
  /** The connection that speaks, where there is one. */
  readonly connectionId: Buffer | undefined;
}

export type MessageOutcome = 'stored' | 'duplicate' | 'quarantined';

/** One MQTT publish as received, on its way into the database. */
export interface InboundMessage {
  readonly source: MessageSource;
  readonly device: DeviceRef;
  readonly channel: 'telemetry' | 'status';
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly packetId: number;
  readonly receivedAt: Microseconds;
  /** Called once, after the commit. */
  settled(outcome: MessageOutcome): void;
}

/** Something a connection did that says how a device is. */
export interface ConnectionSignal {
  readonly source: MessageSource;
  readonly device: DeviceRef;
  /** `closed` with a DISCONNECT, `lost` without. */
  readonly connection: 'connected' | 'closed' | 'lost';
  readonly at: Microseconds;
}
