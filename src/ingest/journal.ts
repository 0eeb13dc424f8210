import type pg from 'pg';
import { isUnavailable } from '../database/database-error.ts';
import {
  type ActivityRow,
  type ConnectionRow,
  type JournalPage,
  type ReceiptRow,
  type TrafficRow,
  writeJournal,
} from '../database/journal.ts';
import type { ActivityEvent, ActivityReason } from '../domain/activity.ts';
import { type QuarantineReason, storableText } from '../domain/reading.ts';
import type { Microseconds } from '../domain/time.ts';
import type { Logger } from '../service/log.ts';
import type { DeviceRef } from './device-registry.ts';
import type { IntegrationRules } from './integration-rules.ts';
import type { MessageOutcome } from './message.ts';
import type { PreparedMessage } from './prepare.ts';

const FLUSH_MS = 500;
/** Raw messages shown of each device. */
const KEPT_MESSAGES = 20;
const KEPT_PAYLOAD_BYTES = 4096;
/** Raw messages that one flush writes, and devices whose messages wait for it at most. */
const MOST_ROWS = 5000;
/** Rows of one integration that wait for a flush, newest kept: nobody's flood costs others a line. */
const MOST_ACTIVITIES = 1000;
const KEPT_RECEIPTS = 100;

export interface Activity {
  integration: IntegrationRules;
  at: Microseconds;
  event: ActivityEvent;
  reason?: ActivityReason;
  detail?: string;
  credentialId?: string;
  clientId?: string;
  username?: string;
  remoteAddress?: string;
  topic?: string;
}

export interface Receipt {
  at: Microseconds;
  outcome: 'duplicate' | 'rejected';
  reason?: ActivityReason;
  topic: string;
  clientId: string;
  /** Of the payload. */
  bytes: number;
}

interface RecentMessage {
  item: PreparedMessage;
  outcome: MessageOutcome;
  reason: QuarantineReason | undefined;
}

/** Where the newest messages of a device wait for the next flush, in a ring. */
interface RecentMessages {
  items: RecentMessage[];
  next: number;
}

export interface JournalOptions {
  pool: pg.Pool;
  log: Logger;
  /** After a flush: organizations with new activity. */
  onWritten?: (organizationIds: ReadonlySet<string>) => void;
}

/**
 * What is written beside the readings and not needed to acknowledge them: counts, receipts, the last raw messages,
 * connections and refusals. Gathered in memory and written twice a second, so it costs the hot path next to
 * nothing; a crash loses at most the last half second of it, and never a reading or a quarantined message.
 */
export class Journal {
  readonly #options: JournalOptions;
  /** Messages since the start, by what became of them. */
  readonly totals = { stored: 0, duplicate: 0, quarantined: 0, rejected: 0 };
  #traffic = new Map<string, TrafficRow>();
  /** By integration. */
  #receipts = new Map<string, ReceiptRow[]>();
  #activities = new Map<string, ActivityRow[]>();
  #opened = new Map<string, ConnectionRow>();
  #closed = new Set<string>();
  #messages = new Map<DeviceRef, RecentMessages>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** A message's outcome, after its commit. */
  settled(item: PreparedMessage, outcome: MessageOutcome, reason: QuarantineReason | undefined): void {
    const { message } = item;
    this.#count(message.source.integration, message.receivedAt, outcome, message.payload.length);
    if (outcome === 'duplicate') {
      this.#keepReceipt(message.source.integration, {
        receivedAt: message.receivedAt,
        outcome,
        reason: undefined,
        topic: message.topic,
        clientId: message.source.clientId,
      });
    }
    if (message.device?.id) this.#remember(message.device, { item, outcome, reason });
  }

  /** A message that never got as far as a batch: known again at once, or refused. */
  receipt(integration: IntegrationRules, receipt: Receipt): void {
    const { at, bytes, ...rest } = receipt;
    this.#count(integration, at, receipt.outcome, bytes);
    this.#keepReceipt(integration, { receivedAt: at, reason: undefined, ...rest });
  }

  activity(activity: Activity): void {
    const { integration } = activity;
    append(this.#activities, MOST_ACTIVITIES, {
      organizationId: integration.organizationId,
      integrationId: integration.id,
      credentialId: activity.credentialId,
      occurredAt: activity.at,
      event: activity.event,
      reason: activity.reason,
      detail: storableText(activity.detail ?? '').slice(0, 500),
      clientId: activity.clientId && storableText(activity.clientId).slice(0, 200),
      username: activity.username && storableText(activity.username).slice(0, 200),
      remoteAddress: activity.remoteAddress,
      topic: activity.topic && storableText(activity.topic).slice(0, 1000),
    });
  }

  /** A connection is open from now on. */
  opened(connection: ConnectionRow): void {
    this.#opened.set(connection.id, connection);
  }

  closed(connectionId: string): void {
    if (!this.#opened.delete(connectionId)) this.#closed.add(connectionId);
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#flush(), FLUSH_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** Writes what has been gathered until now. */
  async flush(): Promise<void> {
    await this.#flushing;
    await this.#flush();
  }

  #count(
    integration: IntegrationRules,
    at: Microseconds,
    outcome: MessageOutcome | 'rejected',
    bytes: number,
  ): void {
    this.totals[outcome] += 1;
    const minute = Math.floor(at / 60_000_000);
    const key = `${integration.id}/${minute}`;
    let row = this.#traffic.get(key);
    if (!row) {
      row = {
        integrationId: integration.id,
        organizationId: integration.organizationId,
        minute: minute * 60_000_000,
        stored: 0,
        duplicate: 0,
        quarantined: 0,
        rejected: 0,
        bytes: 0,
        lastAt: at,
      };
      this.#traffic.set(key, row);
    }
    row[outcome] += 1;
    row.bytes += bytes;
    row.lastAt = Math.max(row.lastAt, at);
  }

  #keepReceipt(
    integration: IntegrationRules,
    receipt: Omit<ReceiptRow, 'organizationId' | 'integrationId'>,
  ): void {
    append(this.#receipts, KEPT_RECEIPTS, {
      organizationId: integration.organizationId,
      integrationId: integration.id,
      ...receipt,
      topic: storableText(receipt.topic).slice(0, 1000),
      clientId: receipt.clientId && storableText(receipt.clientId).slice(0, 200),
    });
  }

  #remember(device: DeviceRef, message: RecentMessage): void {
    let recent = this.#messages.get(device);
    if (!recent) {
      if (this.#messages.size >= MOST_ROWS) return;
      recent = { items: [], next: 0 };
      this.#messages.set(device, recent);
    }
    recent.items[recent.next] = message;
    recent.next = (recent.next + 1) % KEPT_MESSAGES;
  }

  /** One at a time; when the database is away everything gathered waits, bounded as above. */
  #flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #write(): Promise<void> {
    const page = this.#take();
    if (!page) return;
    try {
      await writeJournal(this.#options.pool, page);
      const organizations = new Set(page.activities.map((activity) => activity.organizationId));
      if (organizations.size > 0) this.#options.onWritten?.(organizations);
    } catch (error) {
      if (isUnavailable(error) || isPassing(error)) this.#putBack(page);
      else this.#options.log.error({ error: String(error) }, 'part of the journal could not be written');
    }
  }

  #take(): JournalPage | undefined {
    const page: JournalPage = {
      traffic: [...this.#traffic.values()],
      receipts: [...this.#receipts.values()].flat(),
      activities: [...this.#activities.values()].flat(),
      opened: [...this.#opened.values()],
      closed: [...this.#closed],
      messages: [],
    };
    for (const [device, recent] of this.#messages) {
      if (page.messages.length >= MOST_ROWS) break;
      this.#messages.delete(device);
      const { id } = device;
      if (!id) continue;
      for (const message of recent.items) page.messages.push(messageRow(id, message));
    }
    this.#traffic = new Map();
    this.#receipts = new Map();
    this.#activities = new Map();
    this.#opened = new Map();
    this.#closed = new Set();
    const empty = Object.values(page).every((rows: unknown[]) => rows.length === 0);
    return empty ? undefined : page;
  }

  #putBack(page: JournalPage): void {
    for (const row of page.traffic) {
      const key = `${row.integrationId}/${row.minute / 60_000_000}`;
      const since = this.#traffic.get(key);
      if (since) {
        for (const count of ['stored', 'duplicate', 'quarantined', 'rejected', 'bytes'] as const)
          row[count] += since[count];
        row.lastAt = since.lastAt;
      }
      this.#traffic.set(key, row);
    }
    this.#receipts = before(this.#receipts, KEPT_RECEIPTS, page.receipts);
    this.#activities = before(this.#activities, MOST_ACTIVITIES, page.activities);
    for (const row of page.opened) if (!this.#closed.delete(row.id)) this.#opened.set(row.id, row);
    for (const id of page.closed) this.#closed.add(id);
  }
}

type OfIntegration = { integrationId: string };

/** Adds to the rows of an integration, of which the newest are kept. */
function append<Row extends OfIntegration>(rows: Map<string, Row[]>, most: number, row: Row): void {
  const known = rows.get(row.integrationId);
  if (!known) rows.set(row.integrationId, [row]);
  else if (known.push(row) >= 2 * most) known.splice(0, known.length - most);
}

/** What could not be written, and what came meanwhile. */
function before<Row extends OfIntegration>(
  rows: ReadonlyMap<string, readonly Row[]>,
  most: number,
  earlier: readonly Row[],
): Map<string, Row[]> {
  const all = new Map<string, Row[]>();
  for (const row of earlier) append(all, most, row);
  for (const later of rows.values()) for (const row of later) append(all, most, row);
  return all;
}

/** A deadlock or a serialisation failure. */
function isPassing(error: unknown): boolean {
  return ((error as { code?: string }).code ?? '').startsWith('40');
}

function messageRow(
  deviceId: Buffer,
  { item, outcome, reason }: RecentMessage,
): JournalPage['messages'][number] {
  const { message } = item;
  return {
    deviceId,
    receivedAt: message.receivedAt,
    topic: storableText(message.topic),
    payload: message.payload.subarray(0, KEPT_PAYLOAD_BYTES),
    payloadBytes: message.payload.length,
    qos: message.qos,
    retain: message.retain,
    outcome,
    reason,
    readings: outcome === 'stored' ? item.readings.length : 0,
  };
}
