import type pg from 'pg';
import type { CommandForm } from '../domain/command-message.ts';
import type { CommandIntegration, OutgoingCommand } from '../domain/sending.ts';

/**
 * Whose turn it is. pgmq carries the word that there is something to do for a device; a lease keeps a device's
 * commands in one process; the next of its commands is the row with the lowest sequence.
 */

/** Devices on our own broker, and those on customers'. */
export type Queue = 'commands_hosted' | 'commands_external';

/** A word of a queue: something may have to be done for a device. */
export interface DeviceCall {
  queue: Queue;
  messageId: string;
  deviceId: string;
}

export interface TurnTerms {
  worker: string;
  /** How long a turn is the worker's from now, and nobody calls the command off. */
  seconds: number;
  /** Without: none of devices on the hosted broker. */
  hosted: boolean;
}

/** A turn that the worker has. */
export interface TakenTurn {
  /** Until then nobody else can have it, on the clock that never goes back. */
  until: number;
  /** The device's next commands, as far as they may be sent now. */
  commands: readonly OutgoingCommand[];
  /** There are others behind them. */
  hasMore: boolean;
  /** A transaction that is open holds the next command: it can't be taken now. */
  isHeld: boolean;
}

interface TurnRow extends IntegrationColumns {
  turn: string;
  organization: string;
  external_device_id: string;
  commands: Pick<OutgoingCommand, 'id' | 'name' | 'params' | 'attempts' | 'expiresAt'>[];
  has_more: boolean;
  held: boolean;
}

/** Of the customer's integration, where the device belongs to one. */
interface IntegrationColumns {
  integration: string | null;
  mode: CommandIntegration['mode'];
  enabled: boolean;
  form: CommandForm | null;
}

/**
 * Takes the turns of devices that nobody else has, or renews them, with the next commands of each. One that waits for
 * its device is tried too: whoever asks has reason to.
 * @returns the turns that the worker has, by device
 */
export async function takeTurns(
  pool: pg.Pool,
  devices: readonly string[],
  terms: TurnTerms,
): Promise<Map<string, TakenTurn>> {
  const until = performance.now() + terms.seconds * 1000;
  const { rows } = await pool.query<TurnRow>({
    name: 'take_command_turns',
    text: 'select * from private.take_turns($1, $2, $3, $4)',
    values: [devices, terms.worker, terms.seconds, terms.hosted],
  });
  return new Map(rows.map((row) => [row.turn, takenTurn(row, until)]));
}

/** What is to be read of a queue, beside what the worker has already. */
export interface TurnsToRead {
  queue: Queue;
  most: number;
  /** Devices whose turn the worker has: they are not taken once more. */
  inHand: readonly string[];
  /** Turns that an organization may have on customers' brokers, and those that it has. */
  mostEach: number;
  busy: ReadonlyMap<string, number>;
  /** Words of an organization with so many come again after this. */
  laterMs: number;
}

export interface ReadTurns {
  /** Each word with the turn, if it was to be had. */
  calls: { call: DeviceCall; turn: TakenTurn | undefined }[];
  /** As many as were asked for: there may be others. */
  hasMore: boolean;
  /** Some have been put off. */
  hasLater: boolean;
}

/** Reads words of a queue, which nobody else is given for as long as a turn is, and takes the turns of their devices. */
export async function readTurns(pool: pg.Pool, read: TurnsToRead, terms: TurnTerms): Promise<ReadTurns> {
  type Row = { word: string; device: string; is_for_later: boolean; is_for_hosted: boolean } & (
    | TurnRow
    | { turn: null }
  );
  const { queue, most, inHand, mostEach, busy } = read;
  const { worker, seconds, hosted } = terms;
  const until = performance.now() + seconds * 1000;
  const { rows } = await pool.query<Row>({
    name: 'read_command_turns',
    text: 'select word::text, r.* from private.read_turns($1, $2, $3, $4, $5, $6, $7, $8, $9) r',
    values: [queue, most, worker, seconds, hosted, inHand, mostEach, [...busy.keys()], [...busy.values()]],
  });
  const forHosted = rows.filter((row) => row.is_for_hosted);
  if (forHosted.length > 0) await callAnew(pool, queue, forHosted);
  const forLater = rows.filter((row) => row.is_for_later && !row.is_for_hosted);
  if (forLater.length > 0) await putOff(pool, queue, forLater, read.laterMs);
  const calls = rows
    .filter((row) => !row.is_for_later && !row.is_for_hosted)
    .map((row) => ({
      call: { queue, messageId: row.word, deviceId: row.device },
      turn: row.turn === null ? undefined : takenTurn(row, until),
    }));
  return { calls, hasMore: rows.length === most, hasLater: forLater.length > 0 };
}

/** The device has moved: its word goes to the queue that is its own now. */
async function callAnew(
  pool: pg.Pool,
  queue: Queue,
  words: readonly { word: string; device: string }[],
): Promise<void> {
  await pool.query('select pgmq.delete($1, $2::bigint[]), private.call_devices($3::uuid[])', [
    queue,
    words.map(({ word }) => word),
    [...new Set(words.map(({ device }) => device))],
  ]);
}

/** Directly, as pgmq counts in whole seconds. */
async function putOff(
  pool: pg.Pool,
  queue: Queue,
  words: readonly { word: string }[],
  ms: number,
): Promise<void> {
  await pool.query(
    `update pgmq.q_${queue} set vt = clock_timestamp() + make_interval(secs => $2) where msg_id = any ($1::bigint[])`,
    [words.map(({ word }) => word), ms / 1000],
  );
}

function takenTurn(row: TurnRow, until: number): TakenTurn {
  const device = {
    organizationId: row.organization,
    deviceId: row.turn,
    externalDeviceId: row.external_device_id,
    integration: integrationOf(row),
  };
  const commands = row.commands.map((command) => ({ ...command, ...device }));
  return { until, commands, hasMore: row.has_more, isHeld: row.held };
}

function integrationOf(row: IntegrationColumns): CommandIntegration | undefined {
  if (row.integration === null) return undefined;
  return { id: row.integration, mode: row.mode, enabled: row.enabled, commands: row.form ?? undefined };
}

/**
 * Gives turns back, with the words that began them, where nothing is left to do now.
 * @returns the devices that have something still
 */
export async function endTurns(
  pool: pg.Pool,
  turns: readonly { deviceId: string; words: readonly DeviceCall[] }[],
  worker: string,
): Promise<Set<string>> {
  const { rows } = await pool.query<{ device: string }>({
    name: 'end_command_turns',
    text: 'select private.end_turns($1, $2, $3, $4) as device',
    values: [
      turns.map(({ deviceId }) => deviceId),
      worker,
      wordsOf(turns, 'commands_hosted'),
      wordsOf(turns, 'commands_external'),
    ],
  });
  return new Set(rows.map(({ device }) => device));
}

function wordsOf(turns: readonly { words: readonly DeviceCall[] }[], queue: Queue): string[] {
  return turns.flatMap(({ words }) =>
    words.filter((word) => word.queue === queue).map((word) => word.messageId),
  );
}

/** Gives turns back in the middle, for others to go on with at once. */
export async function leaveTurns(pool: pg.Pool, devices: readonly string[], worker: string): Promise<void> {
  await pool.query(
    `with given_back as (
       delete from private.leases where holder = $2 and name = any (select 'commands/' || unnest($1::uuid[])))
     select private.call_devices($1::uuid[])`,
    [devices, worker],
  );
}

/** A device, or all of an organization. */
export interface CalledDevice {
  organizationId: string;
  externalDeviceId: string | undefined;
}

/** Devices are there: what waits for them is looked at again, but for what a transaction holds that is open. */
export async function callWaiting(pool: pg.Pool, devices: readonly CalledDevice[]): Promise<void> {
  await pool.query({
    name: 'call_waiting_devices',
    text: `
      with called as (
        update public.device_commands set waits_for_device = false, reason = null
         where id = any (array(
           select c.id
             from unnest($1::uuid[], $2::text[]) as who (organization_id, external_device_id),
                  public.device_commands c, public.devices d
            where c.organization_id = who.organization_id and c.state = 'queued' and c.waits_for_device
              and d.id = c.device_id and d.external_device_id = coalesce(who.external_device_id, d.external_device_id)
              for no key update of c skip locked))
        returning device_id
      )
      select private.call_devices(array(select distinct device_id from called)) where exists (select from called)`,
    values: [
      devices.map(({ organizationId }) => organizationId),
      devices.map(({ externalDeviceId }) => externalDeviceId ?? null),
    ],
  });
}

/** A device that a command waits for, and where that would go. */
export type WaitingDevice = Pick<
  OutgoingCommand,
  'deviceId' | 'organizationId' | 'externalDeviceId' | 'name' | 'integration'
>;

/** Devices with a command that waits for them, by id. */
export async function waitingDevices(
  pool: pg.Pool,
  page: { after: string; limit: number },
): Promise<WaitingDevice[]> {
  type Row = IntegrationColumns & Record<'device' | 'organization' | 'external_device_id' | 'name', string>;
  const { rows } = await pool.query<Row>(
    `select distinct on (c.device_id) c.device_id as device, c.organization_id as organization, c.name,
            d.external_device_id, i.id as integration, coalesce(i.mode, 'subscribe') as mode, i.enabled,
            i.configuration -> 'commands' as form
       from public.device_commands c
       join public.devices d on d.id = c.device_id
       left join public.device_integrations i on i.id = d.integration_id and i.integration_type = 'mqtt_external'
      where c.state = 'queued' and c.waits_for_device and c.device_id > $1
      order by c.device_id, c.sequence limit $2`,
    [page.after, page.limit],
  );
  return rows.map((row) => ({
    deviceId: row.device,
    organizationId: row.organization,
    externalDeviceId: row.external_device_id,
    name: row.name,
    integration: integrationOf(row),
  }));
}

/** Of each queue; nobody needs to know how many more there are. */
const MOST_COUNTED = 10_000;

/** Words that nobody has taken yet: about as many devices wait for a worker. */
export async function countWaitingCalls(pool: pg.Pool): Promise<number> {
  const waiting = (queue: Queue) =>
    `(select count(*) from (select from pgmq.q_${queue} where vt <= clock_timestamp() limit ${MOST_COUNTED}) words)`;
  const { rows } = await pool.query<{ count: number }>({
    name: 'count_waiting_calls',
    text: `select (${waiting('commands_hosted')} + ${waiting('commands_external')})::int as count`,
  });
  return rows[0]!.count;
}
