import { randomUUID } from 'node:crypto';
import { uuidBytes } from '../database/binary-array.ts';
import type { ResolvedDevice } from '../database/devices-of-batch.ts';
import type { SettledReplays } from '../database/replay.ts';
import type {
  DeviceStateRow,
  MessageIdRow,
  QuarantineRow,
  ReadingRow,
  StoreBatch,
} from '../database/store-batch.ts';
import { type QuarantineReason, type Refusal, storableText } from '../domain/reading.ts';
import { DeviceChange } from './device-change.ts';
import type { DeviceRef } from './device-registry.ts';
import type { DeviceWatch } from './device-watch.ts';
import { UsesOfBatch } from './keys.ts';
import type { ConnectionSignal, MessageOutcome } from './message.ts';
import { fingerprintOf, type PreparedMessage } from './prepare.ts';

/** What waits in a lane: a message, or news of a connection, in the order they came. */
export type LaneItem = PreparedMessage | ConnectionSignal;

export function isMessage(item: LaneItem): item is PreparedMessage {
  return 'message' in item;
}

export function deviceOf(item: LaneItem): DeviceRef | undefined {
  return isMessage(item) ? item.message.device : item.device;
}

/** What a batch's own transaction has found out. */
export interface BatchFacts {
  /** Messages that are known to be stored already. */
  resends: ReadonlySet<PreparedMessage>;
  /** Devices whose id was not known before. */
  resolved: ReadonlyMap<DeviceRef, ResolvedDevice>;
  /** Who looks at a device's readings for rules, if there are any. */
  watchOf?: ((device: DeviceRef, id: Buffer) => DeviceWatch | undefined) | undefined;
}

/** A batch as the database takes it, and which rows are whose. */
export interface AssembledBatch {
  rows: StoreBatch;
  /** What becomes of the rows in quarantine that messages are replayed from. */
  replays: SettledReplays;
  /** For each reading's row, the message it came from. */
  owners: readonly PreparedMessage[];
  /** What becomes of each message if all rows are new. */
  outcomes: Map<PreparedMessage, MessageOutcome>;
  /** Why those in quarantine are there. */
  reasons: Map<PreparedMessage, QuarantineReason>;
  /** Of these devices more is stored than is remembered here. */
  watchAnew(deviceIds: readonly string[]): void;
  /** To be called after the commit: what was learned of devices holds from then on. */
  committed(): void;
}

/** A device was changed while its messages were about to be stored: its id is to be asked for again. */
export class DeviceForgotten extends Error {
  override readonly name = 'DeviceForgotten';
}

/**
 * Turns items into rows. Pure but for the ids of quarantine rows.
 * @throws DeviceForgotten
 */
export function assemble(
  items: readonly LaneItem[],
  { resends, resolved, watchOf }: BatchFacts,
): AssembledBatch {
  const readings: ReadingRow[] = [];
  const owners: PreparedMessage[] = [];
  const quarantined: QuarantineRow[] = [];
  const replays: SettledReplays = { released: [], kept: [] };
  const uses = new UsesOfBatch();
  const changes = new Map<DeviceRef, DeviceChange>();
  const changesById = new Map<string, DeviceChange>();
  const outcomes = new Map<PreparedMessage, MessageOutcome>();
  const reasons = new Map<PreparedMessage, QuarantineReason>();
  const messageIds = new Map<string, MessageIdRow>();

  /** @returns why there is no such device, or what changes of it */
  function changeOf(device: DeviceRef): DeviceChange | Refusal {
    let change = changes.get(device);
    if (change) return change;
    const found = resolved.get(device);
    if (found && 'refusal' in found) return { reason: found.refusal, detail: '' };
    const id = found?.id ?? device.id;
    if (!id) throw new DeviceForgotten(device.externalDeviceId);
    // One reference to a device each, but for one that was forgotten while a connection still held it.
    const key = id.toString('latin1');
    change = changesById.get(key) ?? new DeviceChange(id, found ?? device, watchOf?.(device, id));
    changesById.set(key, change);
    changes.set(device, change);
    return change;
  }

  for (const item of items) {
    if (isMessage(item) && (resends.has(item) || item.isCopy || !isFirst(item, messageIds))) {
      outcomes.set(item, 'duplicate');
      continue;
    }
    const device = deviceOf(item);
    // Only what is refused names no device.
    const change = device ? changeOf(device) : undefined;
    const isKnown = change instanceof DeviceChange;
    if (!isMessage(item)) {
      if (isKnown) change.connection(item);
      continue;
    }
    // Whatever becomes of it: something arrived, so the device is there.
    if (isKnown) change.message(item);
    const refusal = item.refusal ?? (isKnown ? undefined : change);
    // Nothing in quarantine keeps a resend out, whatever time the message states.
    if (refusal && item.message.packetId > 0) item.print ??= fingerprintOf(item.message);
    uses.add(item);
    const { quarantineId, receivedAt } = item.message;
    if (refusal) {
      const row = quarantineRow(item, refusal);
      if (quarantineId) replays.kept.push({ id: quarantineId, reason: row.reason, detail: row.detail });
      else quarantined.push(row);
      reasons.set(item, refusal.reason);
    } else {
      const { deviceId } = change as DeviceChange;
      addReadings(item, deviceId, readings, owners);
      const count = item.readings.length;
      if (quarantineId) replays.released.push({ id: quarantineId, deviceId, receivedAt, readings: count });
    }
    outcomes.set(item, refusal ? 'quarantined' : 'stored');
  }

  const devices: DeviceStateRow[] = [...changesById.values()].map((change) => change.row());
  devices.sort((a, b) => Buffer.compare(a.deviceId, b.deviceId));
  return {
    rows: {
      readings,
      devices,
      quarantined,
      messageKeys: uses.rows(),
      messageIds: [...messageIds.values()],
    },
    replays,
    owners,
    outcomes,
    reasons,
    watchAnew(deviceIds) {
      for (const id of deviceIds) changesById.get(uuidBytes(id).toString('latin1'))?.watchAnew();
    },
    committed() {
      for (const [device, change] of changes) change.remember(device);
    },
  };
}

/** Whether no earlier message of the batch had its id. */
function isFirst({ idKey, message }: PreparedMessage, seen: Map<string, MessageIdRow>): boolean {
  if (!idKey) return true;
  const key = idKey.toString('latin1');
  if (seen.has(key)) return false;
  seen.set(key, { idKey, receivedAt: message.receivedAt });
  return true;
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

function quarantineRow(item: PreparedMessage, refusal: Refusal): QuarantineRow {
  const { message } = item;
  // Kept with the message: a batch that is repeated after a lost connection must not be stored twice.
  item.quarantineId ??= uuidBytes(randomUUID());
  return {
    id: item.quarantineId,
    organizationId: message.source.integration.organizationBytes,
    integrationId: message.source.integration.idBytes,
    externalDeviceId: message.device?.externalDeviceId,
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
