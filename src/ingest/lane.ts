import type pg from 'pg';
import { isUnavailable } from '../database/database-error.ts';
import { type ResolvedDevice, resolveDevices } from '../database/devices-of-batch.ts';
import type { HistoryPartitions } from '../database/history-partitions.ts';
import { LaneConnection } from '../database/lane-connection.ts';
import { lockReplayed, settleReplays } from '../database/replay.ts';
import { DEVICE_GONE, pastIds, pastUses, REPEATED, storeBatch } from '../database/store-batch.ts';
import type { Logger } from '../service/log.ts';
import {
  type AssembledBatch,
  assemble,
  type BatchFacts,
  DeviceForgotten,
  deviceOf,
  isMessage,
  type LaneItem,
  markDuplicates,
} from './batch.ts';
import type { DeviceRef } from './device-registry.ts';
import { DeviceWatch, type WatchedRules } from './device-watch.ts';
import { clientKeyText, findResends } from './keys.ts';
import type { InboundMessage } from './message.ts';
import type { PreparedMessage } from './prepare.ts';

/** Readings in one transaction, at most. Beyond 2,000 a batch gets slower to confirm and hardly cheaper. */
const MOST_READINGS = 2000;
const MOST_BYTES = 8_388_608;
/** After a reading that was there already, so many batches look before they insert. */
const CAREFUL_BATCHES = 100;
/** SQLSTATE of a row whose organization or integration has been deleted. */
const GONE = /^23503$/;

const nothingFound: BatchFacts = { resends: new Set(), resolved: new Map() };

export interface LaneOptions {
  connection: pg.ClientConfig;
  partitions: HistoryPartitions;
  log: Logger;
  /** After each commit, with what became of each message. */
  onStored: (batch: AssembledBatch) => void;
  /** Messages that go without being stored: withdrawn before, or nobody's any more. */
  onWithdrawn: (count: number) => void;
  /** The database went away under this lane, or is back. */
  onAvailable: (available: boolean) => void;
  /** What rules of an organization look at, if it has any. */
  rulesOf: (organizationId: string) => WatchedRules | undefined;
}

/**
 * One connection to the database and the items that wait for it. While a batch is being committed the next one
 * gathers, so batches grow with the load by themselves. A client's messages always go through the same
 * lane: they are stored in their order, and a resend meets what it repeats.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #connection: LaneConnection;
  #waiting: LaneItem[] = [];
  #running: Promise<void> | undefined;
  /** Batches that are still stored the careful way. */
  #careful = 0;
  #stopped = false;
  readonly #watches = new WeakMap<DeviceRef, DeviceWatch>();

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#connection = new LaneConnection(options.connection, options.onAvailable);
  }

  add(item: LaneItem): void {
    this.#waiting.push(item);
    this.#running ??= this.#run();
  }

  /** Resolves when all that waits is stored. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Gives up what is not stored; nobody was told that it was. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting = [];
    await this.#connection.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Whatever arrives in the same turn of the event loop belongs to the first batch.
    await new Promise(setImmediate);
    try {
      while (this.#waiting.length > 0 && !this.#stopped) await this.#store(this.#take());
    } finally {
      this.#running = undefined;
    }
  }

  #take(): LaneItem[] {
    let readings = 0;
    let bytes = 0;
    let count = 0;
    for (const item of this.#waiting) {
      if (isMessage(item)) {
        readings += Math.max(1, item.readings.length);
        bytes += item.message.payload.length;
      }
      count += 1;
      if (readings >= MOST_READINGS || bytes >= MOST_BYTES) break;
    }
    const taken = count === this.#waiting.length ? this.#waiting : this.#waiting.splice(0, count);
    if (taken === this.#waiting) this.#waiting = [];
    return taken;
  }

  /** Without what was withdrawn meanwhile. */
  #wanted(items: LaneItem[]): LaneItem[] {
    if (!items.some(isWithdrawn)) return items;
    const wanted: LaneItem[] = [];
    const dropped: InboundMessage[] = [];
    for (const item of items) {
      if (isWithdrawn(item)) dropped.push(item.message);
      else wanted.push(item);
    }
    this.#options.onWithdrawn(dropped.length);
    for (const message of dropped) message.dropped?.();
    return wanted;
  }

  /** Repeats until the batch is stored, whole or, where the database refuses a message, without it. */
  async #store(given: LaneItem[]): Promise<void> {
    for (let items = this.#wanted(given); items.length > 0 && !this.#stopped; items = this.#wanted(items)) {
      let batch: AssembledBatch | undefined;
      try {
        batch = await this.#connection.run((client) => this.#transact(client, items));
      } catch (error) {
        if (!(await this.#recover(error, items))) return;
        // Nor does what waits behind fill the memory while nothing can be stored.
        this.#waiting = this.#wanted(this.#waiting);
        continue;
      }
      if (!batch) return;
      batch.committed();
      for (const [item, outcome] of batch.outcomes) item.message.settled(outcome, batch.reasons.get(item));
      this.#options.onStored(batch);
      return;
    }
  }

  /** @returns true when the same items are to be tried again */
  async #recover(error: unknown, items: LaneItem[]): Promise<boolean> {
    const code = (error as { code?: string }).code ?? '';
    // A deadlock or a serialisation failure passes by itself.
    if (isUnavailable(error) || code.startsWith('40')) return true;
    // A resend, or the batch itself if its commit was done when the connection broke. More of it is likely.
    // Careful already, another process stored the same sender's id in the meantime.
    if (code === REPEATED) {
      this.#careful = CAREFUL_BATCHES;
      return true;
    }
    if (error instanceof DeviceForgotten) return true;
    if (code === DEVICE_GONE) {
      for (const item of items) {
        const device = deviceOf(item);
        if (device) device.id = undefined;
      }
      return true;
    }
    this.#options.log.warn(
      { code, messages: items.length, error: String(error) },
      'the database refused a batch',
    );
    if (items.length > 1) {
      const middle = items.length >> 1;
      await this.#store(items.slice(0, middle));
      await this.#store(items.slice(middle));
      return false;
    }
    const [item] = items;
    if (!item || !isMessage(item)) return false;
    if (!item.refusal) {
      item.refusal = { reason: 'refused_by_database', detail: String(error) };
      return true;
    }
    if (GONE.test(code)) {
      this.#options.log.error({ code, error: String(error) }, 'a message of nobody any more is dropped');
      item.message.settled('quarantined');
      this.#options.onWithdrawn(1);
      return false;
    }
    // Not even quarantine takes it, so it is not the message's fault; unacknowledged it stays.
    await this.#connection.pause();
    return true;
  }

  async #transact(client: pg.ClientBase, items: readonly LaneItem[]): Promise<AssembledBatch> {
    await this.#options.partitions.ensure(recordedTimes(items));
    const unknown = unknownDevices(items);
    const repeated = items.some((item) => isMessage(item) && this.#mayRepeat(item));
    if (unknown.size === 0 && !repeated) return this.#write(client, items, nothingFound);

    await client.query('begin');
    try {
      const resends = repeated ? await this.#resends(client, items) : nothingFound.resends;
      const resolved = unknown.size > 0 ? await resolve(client, unknown) : nothingFound.resolved;
      const batch = await this.#write(client, items, { resolved, resends });
      await settleReplays(client, batch.replays);
      await client.query('commit');
      return batch;
    } catch (error) {
      // A server that does not answer would not answer this either.
      if (!isUnavailable(error)) await client.query('rollback').catch(() => {});
      throw error;
    }
  }

  async #write(
    client: pg.ClientBase,
    items: readonly LaneItem[],
    facts: BatchFacts,
  ): Promise<AssembledBatch> {
    const batch = assemble(items, { ...facts, watchOf: this.#watchOf });
    const { duplicates, lost } = await storeBatch(client, batch.rows, this.#careful > 0);
    if (this.#careful > 0) this.#careful -= 1;
    if (duplicates.length > 0) markDuplicates(batch, duplicates);
    if (lost.length > 0) batch.watchAnew(lost);
    return batch;
  }

  readonly #watchOf = (device: DeviceRef, id: Buffer): DeviceWatch | undefined => {
    const rules = this.#options.rulesOf(device.integration.organizationId);
    if (!rules) return undefined;
    const known = this.#watches.get(device);
    if (known?.isOf(rules, id)) return known;
    const watch = new DeviceWatch(rules, id);
    this.#watches.set(device, watch);
    return watch;
  };

  /** Whether it is to be looked for among what was stored before. */
  #mayRepeat({ message, print, idKey }: PreparedMessage): boolean {
    if (message.quarantineId) return true;
    return (message.dup && print !== undefined) || (this.#careful > 0 && idKey !== undefined);
  }

  async #resends(client: pg.ClientBase, items: readonly LaneItem[]): Promise<Set<PreparedMessage>> {
    const messages = items.filter(isMessage);
    const clients = new Set<string>();
    for (const { message, print } of messages) {
      if (message.dup && print) clients.add(clientKeyText(message.source.clientKey));
    }
    const resends = findResends(messages, await pastUses(client, [...clients]));
    await addReplayed(client, messages, resends);
    const named = this.#careful > 0 ? messages.filter(({ idKey }) => idKey) : [];
    if (named.length === 0) return resends;
    const known = await pastIds(
      client,
      named.map(({ idKey }) => idKey!),
    );
    for (const item of named) if (known.has(item.idKey!.toString('hex'))) resends.add(item);
    return resends;
  }
}

/** Adds the messages whose row in quarantine is gone; the other rows stay locked until the batch is committed. */
async function addReplayed(
  client: pg.ClientBase,
  messages: readonly PreparedMessage[],
  resends: Set<PreparedMessage>,
): Promise<void> {
  const replayed = messages.filter(({ message }) => message.quarantineId);
  if (replayed.length === 0) return;
  const waiting = await lockReplayed(
    client,
    replayed.map(({ message }) => message.quarantineId!),
  );
  // Each row once, also if it is replayed twice at the same time.
  for (const item of replayed) {
    if (!waiting.delete(item.message.quarantineId!.toString('hex'))) resends.add(item);
  }
}

function isWithdrawn(item: LaneItem): item is PreparedMessage {
  return isMessage(item) && item.message.withdrawn === true;
}

function* recordedTimes(items: readonly LaneItem[]): Generator<number> {
  for (const item of items) {
    if (!isMessage(item)) continue;
    for (const reading of item.readings) yield reading.recordedAt;
  }
}

/** Devices whose id is not known, each with whether it is to be registered: not for a mere connection's sake. */
function unknownDevices(items: readonly LaneItem[]): Map<DeviceRef, { register: boolean }> {
  const unknown = new Map<DeviceRef, { register: boolean }>();
  for (const item of items) {
    const device = deviceOf(item);
    if (!device || device.id) continue;
    const register = device.integration.autoRegister && isMessage(item);
    if (register || !unknown.has(device)) unknown.set(device, { register });
  }
  return unknown;
}

async function resolve(
  client: pg.ClientBase,
  devices: ReadonlyMap<DeviceRef, { register: boolean }>,
): Promise<Map<DeviceRef, ResolvedDevice>> {
  const asked = [...devices].map(([{ integration, externalDeviceId }, { register }]) => ({
    organizationId: integration.organizationId,
    integrationId: integration.id,
    externalDeviceId,
    register,
  }));
  const answers = await resolveDevices(client, asked);
  const resolved = new Map<DeviceRef, ResolvedDevice>();
  for (const [index, device] of [...devices.keys()].entries()) {
    const answer = answers[index];
    if (answer) resolved.set(device, answer);
  }
  return resolved;
}
