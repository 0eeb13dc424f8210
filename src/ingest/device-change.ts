import type { DeviceStateRow } from '../database/store-batch.ts';
import { updateUsualInterval } from '../domain/presence.ts';
import type { ReadingValue } from '../domain/reading.ts';
import type { Microseconds } from '../domain/time.ts';
import type { DeviceRef } from './device-registry.ts';
import type { DeviceWatch } from './device-watch.ts';
import type { ConnectionSignal } from './message.ts';
import type { PreparedMessage, PreparedReading } from './prepare.ts';

interface LatestValue {
  value: ReadingValue;
  recordedAt: Microseconds;
}

/**
 * What one batch says of one device, gathered in the order of arrival. The last word on presence wins; the
 * latest value of a metric is the one with the newest recorded_at.
 */
export class DeviceChange {
  readonly #deviceId: Buffer;
  readonly #latest = new Map<string, LatestValue>();
  #usualIntervalMs: number | undefined;
  #lastMessageAt: Microseconds | undefined;
  readonly #row: Partial<DeviceStateRow> = {};
  readonly #watch: DeviceWatch | undefined;

  /** @param watch of rules that look at what the device says */
  constructor(
    id: Buffer,
    known: Pick<DeviceRef, 'usualIntervalMs' | 'lastReportAt'>,
    watch?: DeviceWatch | undefined,
  ) {
    this.#deviceId = id;
    this.#watch = watch;
    watch?.begin();
    this.#usualIntervalMs = known.usualIntervalMs;
    this.#lastMessageAt = known.lastReportAt;
  }

  get deviceId(): Buffer {
    return this.#deviceId;
  }

  /** A message of the device arrived; what it held may be in quarantine. */
  message(item: PreparedMessage): void {
    const { message, status } = item;
    const at = message.receivedAt;
    for (const reading of item.readings) {
      this.#addLatest(reading);
      this.#watch?.look(reading);
    }
    // When a copy that a broker kept was said nobody knows; only a status is kept true by the last will.
    if (message.isRetainedCopy && !status) return;
    if (message.quarantineId) {
      this.#row.lastMessageAt = Math.max(this.#row.lastMessageAt ?? at, at);
      return;
    }
    if (this.#lastMessageAt !== undefined) {
      this.#usualIntervalMs = updateUsualInterval(this.#usualIntervalMs, (at - this.#lastMessageAt) / 1000);
    }
    this.#lastMessageAt = at;
    this.#row.lastMessageAt = at;
    if (message.source.connectionId) this.#row.connectionId = message.source.connectionId;
    if (status) {
      this.#row.status = status.status;
      this.#row.statusAt = at;
      this.#presence(status.status, 'status', at);
    } else {
      this.#presence('online', 'message', at);
    }
  }

  connection({ connection, source, at }: ConnectionSignal): void {
    const row = this.#row;
    const another = row.connectionId && source.connectionId && !row.connectionId.equals(source.connectionId);
    // The end of a connection says nothing about a device that another has spoken for since.
    if (connection !== 'connected' && another) return;
    row.connectionId = source.connectionId;
    row.connection = connection;
    row.connectionAt = at;
    if (connection === 'connected') this.#presence('online', 'connected', at);
    // After a goodbye the device's usual interval tells: many sleep between reports.
    if (connection === 'lost') this.#presence('offline', 'connection_lost', at);
  }

  watchAnew(): void {
    this.#watch?.forget();
  }

  /** Once it is committed: what the next batch begins with. */
  remember(device: DeviceRef): void {
    device.id ??= this.#deviceId;
    device.usualIntervalMs = this.#usualIntervalMs;
    device.lastReportAt = this.#lastMessageAt;
    this.#watch?.committed();
  }

  row(): DeviceStateRow {
    let oldest: Microseconds | undefined;
    let newest: Microseconds | undefined;
    // Written as text at once: an object of names that anybody may choose costs five times as much to make and to write.
    const latest: string[] = [];
    for (const [name, { value, recordedAt }] of this.#latest) {
      if (oldest === undefined || recordedAt < oldest) oldest = recordedAt;
      if (newest === undefined || recordedAt > newest) newest = recordedAt;
      latest.push(
        `${JSON.stringify(name)}:{"value":${JSON.stringify(value)},"recorded_at":"${isoTime(recordedAt)}"}`,
      );
    }
    const row = this.#row;
    return {
      deviceId: this.#deviceId,
      latest: `{${latest.join(',')}}`,
      oldestLatest: oldest,
      newestLatest: newest,
      lastMessageAt: row.lastMessageAt,
      usualIntervalMs: this.#usualIntervalMs === undefined ? undefined : Math.round(this.#usualIntervalMs),
      presence: row.presence,
      presenceReason: row.presenceReason,
      presenceAt: row.presenceAt,
      status: row.status,
      statusAt: row.statusAt,
      connectionId: row.connectionId,
      connection: row.connection,
      connectionAt: row.connectionAt,
      ...this.#watch?.seen,
    };
  }

  #presence(presence: 'online' | 'offline', reason: string, at: Microseconds): void {
    this.#row.presence = presence;
    this.#row.presenceReason = reason;
    this.#row.presenceAt = at;
  }

  #addLatest({ values, recordedAt }: PreparedReading): void {
    for (const name in values) {
      const known = this.#latest.get(name);
      if (!known) this.#latest.set(name, { value: values[name]!, recordedAt });
      else if (known.recordedAt <= recordedAt) {
        known.value = values[name]!;
        known.recordedAt = recordedAt;
      }
    }
  }
}

/** The second that was written last: most times of a batch lie in one. */
let second = Number.NaN;
let upToSecond = '';

/** ISO 8601 with six decimals, as the API writes every time: the order of the texts is the order of the times. */
function isoTime(at: Microseconds): string {
  const seconds = Math.floor(at / 1_000_000);
  if (seconds !== second) {
    second = seconds;
    upToSecond = new Date(seconds * 1000).toISOString().slice(0, -'000Z'.length);
  }
  return `${upToSecond}${String(Math.floor(at - seconds * 1_000_000)).padStart(6, '0')}Z`;
}
