import type pg from 'pg';
import {
  changeAlerts,
  DEVICES_AT_ONCE,
  episodesOf,
  forgetDueDevice,
  type Maintenance,
  maintenanceOf,
  noteJudged,
  notePending,
  openAlerts,
  pendingOf,
  READINGS_AT_ONCE,
  type ReadFrom,
  readingsFrom,
  takeDueDevices,
  valuesBefore,
} from '../database/alert-judging.ts';
import { rulesOfReadings } from '../database/alert-rules.ts';
import { planOnce } from '../database/scope.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { scopeOf } from '../domain/alert-scope.ts';
import type { Clock } from '../service/clock.ts';
import { PlatformError } from '../service/errors.ts';
import type { Logger } from '../service/log.ts';
import { DeviceCase, type Quiet, rulingOf } from './judge.ts';

/** So many devices' readings are in memory at a time. */
const DEVICES_READ_AT_ONCE = 100;

/** A device of which more is to be read is judged alone. */
const MOST_READINGS_TOGETHER = 10_000;
const WAITS_MS = 60_000;

/**
 * Organizations with devices of which very much is to be read. They wait for those of the others, and are then judged one
 * device at a time: so nobody waits for more than one of them.
 */
export class WaitingOrganizations {
  readonly #until = new Map<string, number>();

  add(organizationId: string): void {
    this.#until.set(organizationId, performance.now() + WAITS_MS);
  }

  get ids(): string[] {
    for (const [id, until] of this.#until) if (performance.now() > until) this.#until.delete(id);
    return [...this.#until.keys()];
  }
}

/** Calls off what is judged together. */
class ReadsTooMuch extends Error {
  readonly organizationId: string;

  constructor(organizationId: string) {
    super('a device has more readings than are judged together');
    this.organizationId = organizationId;
  }
}

export interface JudgingOptions {
  pool: pg.Pool;
  clock: Clock;
  log: Logger;
}

/**
 * Judges what commits have left, and what the clock says, in one transaction: whatever ends it early, it is done again.
 * Where something can't be judged, one device after the other, so that it keeps no other from it.
 * @param waiting is remembered from one time to the next
 * @returns how many devices; see `mayBeMore`
 */
export async function judgeReadings(
  options: JudgingOptions,
  waiting = new WaitingOrganizations(),
): Promise<number> {
  const { pool, log } = options;
  try {
    const without = waiting.ids;
    const judged = await judgeDevices(options, DEVICES_AT_ONCE, without);
    return judged === 0 && without.length > 0 ? await judgeDevices(options, 1) : judged;
  } catch (error) {
    if (error instanceof ReadsTooMuch) {
      waiting.add(error.organizationId);
      return judgeReadings(options, waiting);
    }
    if (isAway(error)) throw error;
    log.warn({ error: String(error) }, 'alerts could not be judged together');
  }
  for (let judged = 0; judged < DEVICES_AT_ONCE; judged += 1) {
    try {
      if ((await judgeDevices(options, 1)) === 0) return judged;
    } catch (error) {
      if (isAway(error)) throw error;
      log.error(
        { error: String(error), cause: String((error as Error).cause) },
        'a device could not be judged',
      );
      await inTransaction(pool, 'begin', forgetDueDevice);
    }
  }
  return DEVICES_AT_ONCE;
}

/** @param judged how many devices were, at last */
export function mayBeMore(judged: number, waiting: WaitingOrganizations): boolean {
  return judged >= DEVICES_AT_ONCE || (judged > 0 && waiting.ids.length > 0);
}

function isAway(error: unknown): boolean {
  return error instanceof PlatformError && error.code === 'unavailable';
}

function judgeDevices(
  { pool, clock }: JudgingOptions,
  most: number,
  without: readonly string[] = [],
): Promise<number> {
  return inTransaction(pool, `begin; ${planOnce}`, async (tx) => {
    const due = await takeDueDevices(tx, most, without);
    if (due.length === 0) return 0;
    const byOrganization = Map.groupBy(due, ({ organizationId }) => organizationId);
    const organizations = [...byOrganization.keys()];
    const rulings = Map.groupBy(
      (await rulesOfReadings(tx, organizations)).map(rulingOf),
      ({ rule }) => rule.organizationId,
    );
    const quiet = Map.groupBy(await maintenanceOf(tx, organizations), ({ organizationId }) => organizationId);
    const cases = due.map((device) => {
      const windows = quiet.get(device.organizationId) ?? [];
      return new DeviceCase(device, rulings.get(device.organizationId) ?? [], windows.map(quietOf));
    });
    for (let at = 0; at < cases.length; at += DEVICES_READ_AT_ONCE)
      await judgeSome(tx, cases.slice(at, at + DEVICES_READ_AT_ONCE), {
        clock,
        mostReadings: most === 1 ? Number.POSITIVE_INFINITY : MOST_READINGS_TOGETHER,
      });
    return due.length;
  });
}

function quietOf({ scope, from, to }: Maintenance): Quiet {
  return { isFor: scopeOf(scope), from, to };
}

/** @throws ReadsTooMuch */
async function judgeSome(
  tx: Transaction,
  cases: readonly DeviceCase[],
  { clock, mostReadings }: { clock: Clock; mostReadings: number },
): Promise<void> {
  const devices = cases.map(({ device, readFrom }) => ({ id: device.id, from: readFrom }));
  const ids = devices.map(({ id }) => id);
  const episodes = Map.groupBy(await episodesOf(tx, devices), ({ deviceId }) => deviceId);
  const pending = Map.groupBy(await pendingOf(tx, ids), ({ deviceId }) => deviceId);
  for (const one of cases) one.know(episodes.get(one.device.id) ?? [], pending.get(one.device.id) ?? []);
  const asked = cases.flatMap((one) => [...one.valuesNeeded()]);
  const byId = new Map(cases.map((one) => [one.device.id, one]));
  for (const value of asked.length > 0 ? await valuesBefore(tx, asked) : [])
    byId.get(value.deviceId)!.knowValue(value);
  await read(tx, byId, mostReadings);
  const now = clock.now() * 1000;
  const verdicts = cases.map((one) => one.verdict(now));
  await changeAlerts(
    tx,
    verdicts.flatMap(({ changed }) => changed),
  );
  await openAlerts(
    tx,
    verdicts.flatMap(({ opened }) => opened),
  );
  await notePending(
    tx,
    ids,
    verdicts.flatMap((verdict) => verdict.pending),
  );
  await noteJudged(
    tx,
    cases.flatMap(({ device, judgedTo }) => (judgedTo === undefined ? [] : { id: device.id, to: judgedTo })),
  );
}

/** Reads on, device by device, until none has more. */
async function read(
  tx: Transaction,
  cases: ReadonlyMap<string, DeviceCase>,
  mostReadings: number,
): Promise<void> {
  // Of each device that is still read: the same for all of them.
  let readings = 0;
  let asked: ReadFrom[] = [...cases].map(([deviceId, { readFrom }]) => ({ deviceId, at: readFrom }));
  while (asked.length > 0) {
    const counts = new Map<string, number>();
    const last = new Map<string, ReadFrom>();
    for (const reading of await readingsFrom(tx, asked)) {
      const { deviceId } = reading;
      cases.get(deviceId)!.read(reading);
      counts.set(deviceId, (counts.get(deviceId) ?? 0) + 1);
      last.set(deviceId, reading);
    }
    asked = [...last.values()].filter(({ deviceId }) => counts.get(deviceId) === READINGS_AT_ONCE);
    readings += READINGS_AT_ONCE;
    if (asked[0] && readings >= mostReadings)
      throw new ReadsTooMuch(cases.get(asked[0].deviceId)!.device.organizationId);
  }
}
