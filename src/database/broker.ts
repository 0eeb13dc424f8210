import type pg from 'pg';
import type { BinaryArray } from './binary-array.ts';
import { column, type ElementType } from './binary-array.ts';
import { asPlatform } from './scope.ts';
import type { Transaction } from './transaction.ts';

/** The embedded engine's tables, see the migration `broker`. Times are milliseconds since 1970. */
export interface SessionRow {
  readonly id: number;
  readonly clientId: string;
  readonly userName: string;
  disconnectedAt: number | undefined;
}

export interface SubscriptionRow {
  readonly id: number;
  readonly sessionId: number;
  readonly filter: string;
  qos: 0 | 1 | 2;
}

export interface QueueRow {
  readonly id: number;
  readonly sessionId: number;
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 1 | 2;
  readonly retain: boolean;
  /** 0 until the message was given one. */
  packetId: number;
  released: boolean;
}

export interface IncomingRow {
  readonly id: number;
  readonly sessionId: number;
  readonly packetId: number;
}

export interface RetainedRow {
  readonly id: number;
  readonly topic: string;
  payload: Buffer;
  qos: 0 | 1 | 2;
}

export interface BrokerRows {
  sessions: SessionRow;
  subscriptions: SubscriptionRow;
  queue: QueueRow;
  incoming: IncomingRow;
  retained: RetainedRow;
}

export type BrokerTable = keyof BrokerRows;

/** What is to become of one table's rows. An id stands in one of the three at most. */
export interface RowChanges<Row> {
  inserted: ReadonlyMap<number, Row>;
  updated: ReadonlyMap<number, Row>;
  deleted: ReadonlySet<number>;
}

export type BrokerChanges = { readonly [Table in BrokerTable]: RowChanges<BrokerRows[Table]> };

/** Another engine has started on this database since; what this one knows is no longer true. */
export class BrokerTaken extends Error {
  override readonly name = 'BrokerTaken';
}

interface Column<Row> {
  name: string;
  type: ElementType;
  add: (array: BinaryArray, row: Row) => void;
  /** Written again when a row changes. */
  mutable?: true;
}

const bigint = <Row>(name: string, value: (row: Row) => number): Column<Row> => ({
  name,
  type: 'int8',
  add: (array, row) => array.integer(value(row)),
});
const text = <Row>(name: string, value: (row: Row) => string): Column<Row> => ({
  name,
  type: 'text',
  add: (array, row) => array.text(value(row)),
});

const columns: { [Table in BrokerTable]: Column<BrokerRows[Table]>[] } = {
  sessions: [
    bigint('id', (row) => row.id),
    text('client_id', (row) => row.clientId),
    text('user_name', (row) => row.userName),
    {
      name: 'disconnected_at',
      type: 'timestamptz',
      add: (array, { disconnectedAt }) =>
        disconnectedAt === undefined ? array.null() : array.timestamp(disconnectedAt * 1000),
      mutable: true,
    },
  ],
  subscriptions: [
    bigint('id', (row) => row.id),
    bigint('session_id', (row) => row.sessionId),
    text('filter', (row) => row.filter),
    { name: 'qos', type: 'int2', add: (array, row) => array.int2(row.qos), mutable: true },
  ],
  queue: [
    bigint('id', (row) => row.id),
    bigint('session_id', (row) => row.sessionId),
    text('topic', (row) => row.topic),
    { name: 'payload', type: 'bytea', add: (array, row) => array.bytes(row.payload) },
    { name: 'qos', type: 'int2', add: (array, row) => array.int2(row.qos) },
    { name: 'retain', type: 'bool', add: (array, row) => array.bool(row.retain) },
    { name: 'packet_id', type: 'int4', add: (array, row) => array.int4(row.packetId), mutable: true },
    { name: 'released', type: 'bool', add: (array, row) => array.bool(row.released), mutable: true },
  ],
  incoming: [
    bigint('id', (row) => row.id),
    bigint('session_id', (row) => row.sessionId),
    { name: 'packet_id', type: 'int4', add: (array, row) => array.int4(row.packetId) },
  ],
  retained: [
    bigint('id', (row) => row.id),
    text('topic', (row) => row.topic),
    { name: 'payload', type: 'bytea', add: (array, row) => array.bytes(row.payload), mutable: true },
    { name: 'qos', type: 'int2', add: (array, row) => array.int2(row.qos), mutable: true },
  ],
};

/** As many rows to a statement: past that a batch gains nothing, and its parameters are memory. */
const ROWS_PER_STATEMENT = 2000;
/** Payloads of a statement, in bytes, before the next one begins. */
const BYTES_PER_STATEMENT = 4_194_304;

/** Makes this engine the tables' owner, once whatever the one before was writing has ended. @returns its epoch */
export async function takeBroker(pool: pg.Pool): Promise<number> {
  const row = await asPlatform(pool, (tx) =>
    tx.row<{ epoch: number }>('update broker.owner set epoch = epoch + 1, taken_at = now() returning epoch'),
  );
  if (!row) throw new Error('broker.owner has no row');
  return row.epoch;
}

/**
 * Writes all changes or none. Writing them again changes nothing, so after a lost connection they are repeated.
 * @throws BrokerTaken when another engine has taken the tables
 * @throws PlatformError `unavailable` when PostgreSQL is away
 */
export async function writeBroker(pool: pg.Pool, epoch: number, changes: BrokerChanges): Promise<void> {
  await asPlatform(pool, async (tx) => {
    const owner = await tx.row('select from broker.owner where epoch = $1 for share', [epoch]);
    if (!owner) throw new BrokerTaken('another engine has started on this database');
    await writeTable(tx, 'sessions', changes.sessions);
    await writeTable(tx, 'subscriptions', changes.subscriptions);
    await writeTable(tx, 'queue', changes.queue);
    await writeTable(tx, 'incoming', changes.incoming);
    await writeTable(tx, 'retained', changes.retained);
  });
}

async function writeTable<Table extends BrokerTable>(
  tx: Transaction,
  table: Table,
  changes: RowChanges<BrokerRows[Table]>,
): Promise<void> {
  const all: Column<BrokerRows[Table]>[] = columns[table];
  const names = all.map(({ name }) => name).join(', ');
  const insert = `insert into broker.${table} (${names}) select * from unnest(${casts(all)}) on conflict (id) do nothing`;
  await writeRows(tx, insert, all, changes.inserted.values());

  const changing = all.filter(({ name, mutable }) => name === 'id' || mutable);
  const assignments = changing
    .filter(({ mutable }) => mutable)
    .map(({ name }) => `${name} = changed.${name}`);
  const update = `update broker.${table} as stored set ${assignments.join(', ')}
    from unnest(${casts(changing)}) as changed (${changing.map(({ name }) => name).join(', ')}) where stored.id = changed.id`;
  await writeRows(tx, update, changing, changes.updated.values());

  if (changes.deleted.size === 0) return;
  const ids = column('int8', [...changes.deleted], (array, id) => array.integer(id));
  await tx.rows(`delete from broker.${table} where id = any ($1::int8[])`, [ids]);
}

function casts<Row>(list: readonly Column<Row>[]): string {
  return list.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ');
}

async function writeRows<Row>(
  tx: Transaction,
  statement: string,
  list: readonly Column<Row>[],
  rows: Iterable<Row>,
): Promise<void> {
  for (const part of parts(rows)) {
    await tx.rows(
      statement,
      list.map(({ type, add }) => column(type, part, add)),
    );
  }
}

function* parts<Row>(rows: Iterable<Row>): Generator<Row[]> {
  let part: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    part.push(row);
    bytes += (row as { payload?: Buffer }).payload?.length ?? 0;
    if (part.length < ROWS_PER_STATEMENT && bytes < BYTES_PER_STATEMENT) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}

const selections: { [Table in BrokerTable]: string } = {
  sessions: `id, client_id as "clientId", user_name as "userName",
    (extract(epoch from disconnected_at) * 1000)::int8 as "disconnectedAt"`,
  subscriptions: `id, session_id as "sessionId", filter, qos`,
  queue: `id, session_id as "sessionId", topic, payload, qos, retain, packet_id as "packetId", released`,
  incoming: `id, session_id as "sessionId", packet_id as "packetId"`,
  retained: 'id, topic, payload, qos',
};

/** All rows of a table by their ids, in pages, so that a large one is not held twice. */
export async function* brokerRows<Table extends BrokerTable>(
  pool: pg.Pool,
  table: Table,
): AsyncGenerator<BrokerRows[Table]> {
  let after = -1;
  for (;;) {
    const page = await asPlatform(pool, (tx) =>
      tx.rows<BrokerRows[Table]>(
        `select ${selections[table]} from broker.${table} where id > $1 order by id limit ${ROWS_PER_STATEMENT}`,
        [after],
      ),
    );
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < ROWS_PER_STATEMENT) return;
    after = last.id;
  }
}
