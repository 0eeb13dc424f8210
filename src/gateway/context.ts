import type { GatewayCredential } from '../database/gateway.ts';
import type { ActivityReason } from '../domain/activity.ts';
import type { Grant } from '../domain/grant.ts';
import type { Engine } from '../engine/engine.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { IntegrationRules } from '../ingest/integration-rules.ts';
import type { MessageSource } from '../ingest/message.ts';
import type { ProtocolLevel } from '../mqtt/connect.ts';
import type { Dialect } from '../mqtt/dialect.ts';
import type { OrganizationQuota } from '../quota/organization-quota.ts';
import type { Quotas } from '../quota/quotas.ts';
import type { Clock } from '../service/clock.ts';
import type { Logger } from '../service/log.ts';
import type { MemoryBudget } from '../service/memory-budget.ts';
import type { Slots } from '../service/slots.ts';
import type { Authenticator } from './authenticator.ts';
import type { CommandEvents } from './command-watch.ts';

/** Bounds of one gateway and of each of its connections. */
export interface GatewayLimits {
  /** The payload of a PUBLISH, in bytes. */
  messageBytes: number;
  /** Connections at once, of everybody. */
  connections: number;
  /** Until CONNECT has arrived whole. */
  connectTimeoutMs: number;
  /** Publishes of one connection that are not acknowledged yet; past it the socket is not read. */
  inFlight: number;
  /** The same in bytes, per connection and over all. */
  connectionBytes: number;
  totalBytes: number;
  /** How long a client waits for its organization's rate. */
  putOffMs: number;
}

export const defaultLimits: GatewayLimits = {
  messageBytes: 262_144,
  connections: 50_000,
  connectTimeoutMs: 10_000,
  // A minute without the database at 200 messages a second, in the bytes below.
  inFlight: 16_384,
  connectionBytes: 16_777_216,
  // About 100,000 small messages: a minute at 1,700 a second from clients that wait for no answer.
  totalBytes: 134_217_728,
  // Pings are not answered meanwhile, and clients that hear nothing for a minute go by themselves.
  putOffMs: 30_000,
};

/** A PUBLISH's topic and packet id, beside its payload [MQTT-4.7.3-3]. */
export const PACKET_OVERHEAD_BYTES = 65_540;

/** What connections share. */
export interface GatewayContext {
  readonly gatewayId: string;
  readonly authenticator: Authenticator;
  readonly engine: Engine;
  readonly ingest: Ingest;
  readonly commands: CommandEvents;
  readonly quotas: Quotas;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: GatewayLimits;
  readonly budget: MemoryBudget;
  /** Clients that are let in at the same time. */
  readonly door: Slots;
  /** How many there are now. */
  connections(): number;
  /** Whether the client has come to another gateway, with a connection of another id than this. */
  hasMoved(session: Session, connectionId: string): Promise<boolean>;
}

/** A client that was let in. */
export interface Session {
  readonly credential: GatewayCredential;
  readonly integration: IntegrationRules;
  readonly grant: Grant;
  /** Its organization's. */
  readonly quota: OrganizationQuota;
  readonly source: MessageSource;
  readonly clientId: string;
  readonly engineClientId: string;
  /** It came without a client id, and MQTT 5 tells it the one that it was given. */
  readonly isNamedHere: boolean;
  /** It begins with a new session. */
  readonly isClean: boolean;
  readonly protocolLevel: ProtocolLevel;
  readonly dialect: Dialect;
  /** Seconds; 0 means none. */
  readonly keepAlive: number;
  /** Bytes that it takes in one packet. */
  readonly maximumPacketSize: number;
  readonly will: SessionWill | undefined;
}

export interface SessionWill {
  topic: string;
  payload: Buffer;
  retain: boolean;
  /** How long it is kept back, should the client return: at most as long as its session; 0 in older versions. */
  delaySeconds: number;
}

/** How a connection ends. */
export interface Ending {
  reason: ActivityReason;
  detail: string;
  /** `closed` when it was agreed on (DISCONNECT, our shutdown): no will is published, nothing is concluded. */
  manner: 'closed' | 'lost' | 'taken_over';
  /** MQTT 5's, for the client, where it is not the reason's own. */
  code?: number;
  /** The client's DISCONNECT, for the engine: it may end the session, or ask for the will. */
  farewell?: Buffer;
}
