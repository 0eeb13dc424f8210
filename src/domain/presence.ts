/**
 * Whether a device is there, from what was observed of it. Nothing is claimed that wasn't observed: after
 * an outage of ours a device is `unknown` until it is heard again, or has had the time to be.
 */
import type { Microseconds } from './time.ts';

export const presences = ['online', 'late', 'offline', 'unknown'] as const;
export type Presence = (typeof presences)[number];

/** What is known of a device. All times are ours (of receipt), none the device's. */
export interface PresenceEvidence {
  /** Its last message, a status included or not; no copy that a broker kept. */
  lastMessageAt?: Microseconds | undefined;
  /** The usual time between its reports, in milliseconds; see `updateUsualInterval`. */
  usualIntervalMs?: number | undefined;
  /** What it last said of itself, or had its will say. A retained copy counts when it comes: a will keeps it true. */
  status?: { status: 'online' | 'offline'; at: Microseconds } | undefined;
  /**
   * Its connection to a gateway: `closed` with DISCONNECT, or `lost` without. One that outlived an outage
   * of ours (the database's, say) counts again from when it is recorded again. `unobserved` since its gateway is gone:
   * for this device that is an outage of ours.
   */
  connection?: { state: 'connected' | 'closed' | 'lost' | 'unobserved'; at: Microseconds } | undefined;
}

/** Why, each with the words for people. */
export const presenceReasons = {
  never_seen: 'Nothing has been heard of it yet.',
  not_observed: 'We were not listening for a while, and it has not been heard since.',
  message: 'A message came within its usual time.',
  status: 'It said so itself, or its last will did.',
  connected: 'It has connected.',
  connection_lost: 'Its connection was lost.',
  connection_closed: 'It has disconnected.',
  overdue: 'It has been quiet for longer than usual.',
  silent_connection: 'It is connected, but has been quiet for longer than usual.',
  silent: 'It has been quiet for so long that it must be gone.',
} as const;
export type PresenceReason = keyof typeof presenceReasons;

export interface JudgedPresence {
  presence: Presence;
  reason: PresenceReason;
  /** When it changes if nothing more is heard. Absent if only evidence can change it. */
  dueAt?: Microseconds;
}

const SECOND = 1_000_000;
const NEVER = Number.NEGATIVE_INFINITY;
/** Assumed of a device whose interval isn't known yet: late after five minutes. */
const ASSUMED_INTERVAL_MS = 100_000;

/** Quiet for three of its intervals, and at least 30 s, a device is late. */
function lateAfter(intervalMs: number): Microseconds {
  return Math.max(3 * intervalMs * 1000, 30 * SECOND);
}

/** Late for ten of its intervals, and at least five minutes, it is gone. */
function goneAfter(intervalMs: number): Microseconds {
  return Math.max(10 * intervalMs * 1000, 300 * SECOND);
}

/**
 * Judges a device's presence.
 * @param observed.from since when nothing can have escaped us: start-up, or the end of our last outage
 */
export function presenceOf(
  evidence: PresenceEvidence,
  observed: { now: Microseconds; from: Microseconds },
): JudgedPresence {
  const { now } = observed;
  const { status, usualIntervalMs } = evidence;
  const isUnobserved = evidence.connection?.state === 'unobserved';
  const from = isUnobserved ? Math.max(observed.from, evidence.connection!.at) : observed.from;
  const connection = isUnobserved ? undefined : evidence.connection;
  const messageAt = evidence.lastMessageAt ?? NEVER;
  const onlineAt = status?.status === 'online' ? status.at : NEVER;
  const offlineAt = status?.status === 'offline' ? status.at : NEVER;
  const connectionAt = connection?.at ?? NEVER;
  const newest = Math.max(messageAt, onlineAt, offlineAt, connectionAt);
  if (newest === NEVER) return { presence: 'unknown', reason: 'never_seen' };

  // A connection from before an outage of ours ended with it.
  const connected = connection?.state === 'connected' && connectionAt >= from;
  const aliveAt = Math.max(messageAt, onlineAt, connected ? connectionAt : NEVER);
  const lost = connection?.state === 'lost' && connectionAt >= aliveAt;
  const closed = connection?.state === 'closed' && connectionAt >= aliveAt;
  const quietSince = Math.max(aliveAt, closed ? connectionAt : NEVER, from);
  const interval = usualIntervalMs ?? ASSUMED_INTERVAL_MS;
  const lateAt = quietSince + lateAfter(interval);
  if (newest < from && now < lateAt) return { presence: 'unknown', reason: 'not_observed', dueAt: lateAt };

  if (offlineAt !== NEVER && offlineAt >= aliveAt) return { presence: 'offline', reason: 'status' };
  if (lost) return { presence: 'offline', reason: 'connection_lost' };
  if (now < lateAt) {
    let reason: PresenceReason = 'connected';
    if (aliveAt === messageAt) reason = 'message';
    if (aliveAt === onlineAt) reason = 'status';
    if (closed) reason = 'connection_closed';
    return { presence: 'online', reason, dueAt: lateAt };
  }
  if (connected) return { presence: 'late', reason: 'silent_connection' };

  // Of one that said goodbye and has no rhythm that is known, nothing is due.
  if (closed && usualIntervalMs === undefined) return { presence: 'offline', reason: 'connection_closed' };
  const goneAt = lateAt + goneAfter(interval);
  if (now < goneAt) return { presence: 'late', reason: 'overdue', dueAt: goneAt };
  return { presence: 'offline', reason: closed ? 'connection_closed' : 'silent' };
}

/** Reports closer to each other than this are one: many devices send a message per quantity. */
const SAME_REPORT_MS = 1000;
/** Two weeks: what reports less often than that has no presence worth the name. */
const LONGEST_INTERVAL_MS = 1_209_600_000;

/**
 * The usual interval after a gap without messages: a moving average that follows a longer gap more
 * quickly than a shorter one, since being called late wrongly is worse than being called late a little later.
 * A gap counts for at most four intervals, so that an outage makes it 1.75 times as long, not a hundred.
 * Gaps that an outage of ours made should not be passed.
 * @param usualMs as known before; undefined at first
 * @param gapMs between two messages that follow each other, in milliseconds
 * @returns whole milliseconds, or undefined while nothing is known
 */
export function updateUsualInterval(usualMs: number | undefined, gapMs: number): number | undefined {
  if (!(gapMs >= SAME_REPORT_MS)) return usualMs;
  const observedMs = Math.min(gapMs, LONGEST_INTERVAL_MS);
  if (usualMs === undefined) return Math.round(observedMs);
  if (observedMs < usualMs) return Math.round(usualMs + 0.1 * (observedMs - usualMs));
  return Math.round(usualMs + 0.25 * (Math.min(observedMs, 4 * usualMs) - usualMs));
}

const statusWords: ReadonlyMap<string, StatusReport['status']> = new Map([
  ['online', 'online'],
  ['connected', 'online'],
  ['true', 'online'],
  ['1', 'online'],
  ['offline', 'offline'],
  ['disconnected', 'offline'],
  ['false', 'offline'],
  ['0', 'offline'],
]);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What a device says of itself on its status topic, or has its last will say. */
export interface StatusReport {
  status: 'online' | 'offline';
}

/**
 * Reads a status payload: one of the words above in any case, with quotes or without, or a JSON object
 * whose `status` or `state` is one of them. What else stands in the object is the device's own business.
 * @returns undefined for anything else
 */
export function parseStatus(payload: Uint8Array): StatusReport | undefined {
  let said: unknown;
  try {
    const text = utf8.decode(payload).trim();
    said = text.startsWith('{') || text.startsWith('"') ? JSON.parse(text) : text;
  } catch {
    return undefined;
  }
  if (typeof said === 'object' && said !== null) {
    const { status, state } = said as { status?: unknown; state?: unknown };
    said = status ?? state;
  }
  if (typeof said !== 'string' && typeof said !== 'number' && typeof said !== 'boolean') return undefined;
  const status = statusWords.get(String(said).toLowerCase());
  return status && { status };
}
