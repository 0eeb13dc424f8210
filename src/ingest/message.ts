import type { StoredChannel } from '../domain/expected-topic.ts';
import type { QuarantineReason, Refusal } from '../domain/reading.ts';
import type { Microseconds } from '../domain/time.ts';
import type { Decoding } from './decoding.ts';
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
  /** Undefined only for what is refused. */
  readonly device: DeviceRef | undefined;
  readonly channel: StoredChannel;
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly dup: boolean;
  /** 0 where the sender has none, as with QoS 0: then no DUP flag tells a resend. */
  readonly packetId: number;
  readonly receivedAt: Microseconds;
  /** The sender's own id of it, by which a resend is known whatever else it says. */
  readonly senderId?: string;
  /** For readings that state no time. A broker's is when the message came by, not what the device said. */
  readonly sentAt?: { time: number | string; by: 'device' | 'broker' };
  /** Its route's own, before the integration's. */
  readonly decoding?: Decoding;
  /** What the broker kept and sends to every new subscriber: state, and no new reading unless it states its time. */
  readonly isRetainedCopy?: boolean;
  /**
   * Its row in quarantine, which it is replayed from. Stored, it leaves quarantine in the same transaction; refused, it
   * stays with the new reason; if the row is gone, it was replayed or discarded before. It tells of then, not of now: it
   * changes no presence and is no traffic.
   */
  readonly quarantineId?: Buffer;
  /** MQTT 5's, by which an answer to a command may say which. */
  readonly correlation?: Uint8Array | undefined;
  /** It goes to quarantine as it is. */
  readonly refusal?: Refusal;
  /** Nobody waits for it any more, and its sender was told so: not to be stored if it isn't yet. */
  readonly withdrawn?: boolean;
  /** Called once, after the commit. @param reason why it is in quarantine */
  settled(outcome: MessageOutcome, reason?: QuarantineReason): void;
  /** Called instead, once, when it was withdrawn in time: nothing holds it here any more. */
  dropped?(): void;
}

/** Something a connection did that says how a device is. */
export interface ConnectionSignal {
  readonly source: MessageSource;
  readonly device: DeviceRef;
  /** `closed` with a DISCONNECT, `lost` without. */
  readonly connection: 'connected' | 'closed' | 'lost';
  readonly at: Microseconds;
}
