/**
 * Bounds of the embedded engine. All of its state is in memory as well as in the database, so these are
 * bounds of memory too: `totalBytes` for everything that waits in queues, `totalRetainedBytes` for retained messages.
 */
export interface EmbeddedLimits {
  /** Messages that wait in one session or are not acknowledged by its client. The next one is dropped and counted. */
  sessionMessages: number;
  /** The same in bytes of memory: topic, payload and the objects around them. */
  sessionBytes: number;
  /** Bytes waiting in all sessions of one organization. */
  organizationBytes: number;
  /** Bytes waiting in all sessions there are. */
  totalBytes: number;
  /** QoS 1 and 2 messages on the way to one client; the others wait in its session. MQTT 3.1.1 has no way to ask. */
  inflight: number;
  /** Bytes on the way to a client that reads slowly before QoS 0 messages to it are dropped and counted. */
  sendBufferBytes: number;
  /** Messages received from one client and not yet acknowledged before the engine stops reading from it. */
  unacknowledged: number;
  /** Persistent sessions of one organization; a client that asks for one more is refused. */
  sessionsPerOrganization: number;
  /** Filters of one session; one more is refused in SUBACK. */
  subscriptionsPerSession: number;
  /** Filters of all sessions of one organization, persistent or not. */
  subscriptionsPerOrganization: number;
  /** Retained messages of one organization; a new topic beyond is delivered, but not retained, and counted. */
  retainedPerOrganization: number;
  retainedBytesPerOrganization: number;
  totalRetainedBytes: number;
  /** Milliseconds after which the session of a client that has not come back is forgotten. */
  sessionExpiry: number;
  /** Milliseconds between two looks for such sessions. */
  expiryInterval: number;
  /** Milliseconds that `stop` waits for the database to take what is still to be written. */
  stopTimeout: number;
}

const MEGABYTE = 1024 * 1024;
const DAY = 86_400_000;

export const defaultLimits: EmbeddedLimits = {
  sessionMessages: 1000,
  sessionBytes: 8 * MEGABYTE,
  organizationBytes: 64 * MEGABYTE,
  totalBytes: 192 * MEGABYTE,
  inflight: 100,
  sendBufferBytes: MEGABYTE,
  unacknowledged: 1000,
  sessionsPerOrganization: 10_000,
  subscriptionsPerSession: 500,
  subscriptionsPerOrganization: 100_000,
  retainedPerOrganization: 50_000,
  retainedBytesPerOrganization: 48 * MEGABYTE,
  totalRetainedBytes: 128 * MEGABYTE,
  sessionExpiry: 7 * DAY,
  expiryInterval: 60_000,
  stopTimeout: 5000,
};
