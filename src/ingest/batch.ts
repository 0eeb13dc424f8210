import { randomUUID } from 'node:crypto';
import { uuidBytes } from '../database/binary-array.ts';
import type { DeviceStateRow, QuarantineRow, ReadingRow, StoreBatch } from '../database/store-batch.ts';
import { storableText } from '../domain/reading.ts';
import { DeviceChange } from './device-change.ts';
import type { DeviceRef } from './device-registry.ts';
import { UsesOfBatch } from './keys.ts';
import type { ConnectionSignal, MessageOutcome } from './message.ts';
import { fingerprintOf, type PreparedMessage } from './prepare.ts';

/** What waits in a lane: a message, or news of a connection, in the order they came. */
export type LaneItem = PreparedMessage | ConnectionSignal;

export function isMessage(item: LaneItem): item is PreparedMessage {
  return 'message' in item;
}

export function deviceOf(item: LaneItem): DeviceRef {
  return isMessage(item) ? item.message.device : item.device;
}

/** A batch as the database takes it, and which rows are whose. */
export interface AssembledBatch {
  rows: StoreBatch;
  /** For each reading's row, the message it came from. */
  owners: readonly PreparedMessage[];
  /** What becomes of each message if all rows are new. */
  outcomes: Map<PreparedMessage, MessageOutcome>;
}

/**
 * Turns items whose devices are known (or refused) into rows. Pure but for the ids of quarantine rows.
 * @param resends messages that are known to be stored already
 */
export function assemble(items: readonly LaneItem[], resends: ReadonlySet<PreparedMessage>): AssembledBatch {
  const readings: ReadingRow[] = [];
  const owners: PreparedMessage[] = [];
  const quarantined: QuarantineRow[] = [];
  const uses = new UsesOfBatch();
  const changes = new Map<DeviceRef, DeviceChange>();
  const outcomes = new Map<PreparedMessage, MessageOutcome>();

  function changeOf(device: DeviceRef): DeviceChange {
    let change = changes.get(device);
    if (!change) {
      change = new DeviceChange(device);
      changes.set(device, change);
    }
    return change;
  }

  for (const item of items) {
    const device = deviceOf(item);
    if (!isMessage(item)) {
      if (device.id) changeOf(device).connection(item);
      continue;
    }
    if (resends.has(item)) {
      outcomes.set(item, 'duplicate');
      continue;
    }
    const refusal = item.refusal ?? device.refusal;
    // Nothing in quarantine keeps a resend out, whatever time the message states.
    if (refusal && item.message.qos > 0) item.print ??= fingerprintOf(item.message);
    uses.add(item);
    if (refusal || !device.id) {
      quarantined.push(quarantineRow(item, refusal ?? { reason: 'unknown_device', detail: '' }));
      outcomes.set(item, 'quarantined');
      // Something arrived all the same, so the device is there.
      if (device.id) changeOf(device).message(item);
      continue;
    }
    changeOf(device).message(item);
    outcomes.set(item, 'stored');
    addReadings(item, device.id, readings, owners);
  }

  const devices: DeviceStateRow[] = [...changes.values()].map((change) => change.row());
  devices.sort((a, b) => Buffer.compare(a.deviceId, b.deviceId));
  return { rows: { readings, devices, quarantined, messageKeys: uses.rows() }, owners, outcomes };
}

function addReadings(
  item: PreparedMessage,
  deviceId: Buffer,
  rows: ReadingRow[],
  owners: PreparedMessage[],
): void {
  const { message } = item;
  for (const reading of item.readings) {
    rows.push({
      organizationId: message.source.integration.organizationBytes,
      deviceId,
      recordedAt: reading.recordedAt,
      receivedAt: message.receivedAt,
      deviceTimestamp: reading.deviceTimestamp,
      keyHigh: reading.keyHigh,
      keyLow: reading.keyLow,
      timeMark: reading.timeMark,
      telemetry: JSON.stringify(reading.values),
    });
    owners.push(item);
  }
}

function quarantineRow(item: PreparedMessage, refusal: { reason: string; detail: string }): QuarantineRow {
  const { message } = item;
  // Kept with the message: a batch that is repeated after a lost connection must not be stored twice.
  item.quarantineId ??= uuidBytes(randomUUID());
  return {
    id: item.quarantineId,
    organizationId: message.source.integration.organizationBytes,
    integrationId: message.source.integration.idBytes,
    externalDeviceId: message.device.externalDeviceId,
    topic: storableText(message.topic),
    payload: message.payload,
    qos: message.qos,
    retain: message.retain,
    reason: refusal.reason,
    detail: storableText(refusal.detail).slice(0, 1000),
    clientId: storableText(message.source.clientId),
    receivedAt: message.receivedAt,
  };
}

/** Applies what the database found to be there already: a message is a duplicate when all its readings are. */
export function markDuplicates(batch: AssembledBatch, duplicates: readonly number[]): void {
  const repeated = new Map<PreparedMessage, number>();
  for (const position of duplicates) {
    const owner = batch.owners[position]!;
    repeated.set(owner, (repeated.get(owner) ?? 0) + 1);
  }
  for (const [owner, count] of repeated) {
    if (count === owner.readings.length) batch.outcomes.set(owner, 'duplicate');
  }
}
