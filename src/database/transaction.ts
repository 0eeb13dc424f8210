import pg from 'pg';
import { within } from '../service/within.ts';
import { CannotConnect, isUnavailable, translated } from './database-error.ts';

/** How long what is hardly any work may take: a server that doesn't answer it is not there. */
const PROMPT_MS = 3000;

/** Statements of one transaction. Of no use, and refused, once it has ended. */
export interface Transaction {
  /** All rows. Times are ISO 8601 in UTC with microseconds; int8 and numeric are numbers. */
  rows<Row>(statement: string | NamedStatement, values?: readonly unknown[]): Promise<Row[]>;
  /** The first row, if any. */
  row<Row>(statement: string | NamedStatement, values?: readonly unknown[]): Promise<Row | undefined>;
}

/** A statement that is prepared once per connection: for what runs all the time. */
export interface NamedStatement {
  name: string;
  text: string;
  /** Milliseconds that it may take, where the pool's are too few. */
  query_timeout?: number;
}

/**
 * Runs `work` in a transaction: committed when it resolves, rolled back when it throws.
 * @param opening `begin` and what else is to run before `work` can, in one round trip: statements without parameters
 * @throws PlatformError for whatever a caller can be told, see `database-error.ts`
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  opening: string,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  const client = await connected(pool);
  let over = false;
  let broken: Error | undefined;
  // Without a listener a connection that breaks between two statements would end the process.
  const onBroken = (error: Error) => {
    broken = error;
  };
  client.on('error', onBroken);
  try {
    await within(PROMPT_MS, client.query(opening)).catch((error: Error) => {
      broken = error;
      throw error;
    });
    const result = await work(transaction(client, () => over));
    over = true;
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') throw new Error('the transaction had failed and was rolled back');
    return result;
  } catch (error) {
    over = true;
    if (isUnavailable(error)) broken ??= error as Error;
    if (!broken) await client.query('rollback').catch(onBroken);
    throw translated(error);
  } finally {
    client.off('error', onBroken);
    client.release(broken);
  }
}

/**
 * Looks something up that needs no transaction: one round trip in place of three.
 * @throws as `inTransaction`
 */
export async function lookUp<Row>(
  pool: pg.Pool,
  statement: NamedStatement,
  values: readonly unknown[],
): Promise<Row | undefined> {
  const client = await connected(pool);
  let broken: Error | undefined;
  try {
    const query = client.query<Row & pg.QueryResultRow>({ ...statement, values: [...values], types });
    return (await within(PROMPT_MS, query)).rows[0];
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) broken = error as Error;
    throw translated(error);
  } finally {
    client.release(broken);
  }
}

async function connected(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw translated(new CannotConnect((error as Error).message, { cause: error }));
  }
}

function transaction(client: pg.PoolClient, isOver: () => boolean): Transaction {
  async function rows<Row>(statement: string | NamedStatement, values: readonly unknown[] = []) {
    // What is not awaited could otherwise run after the scope has ended, on a connection without one.
    if (isOver()) throw new Error('the transaction has ended');
    const query = typeof statement === 'string' ? { text: statement } : statement;
    const result = await client.query<Row & pg.QueryResultRow>({ ...query, values: [...values], types });
    return result.rows as Row[];
  }
  return {
    rows,
    row: async <Row>(statement: string | NamedStatement, values?: readonly unknown[]) =>
      (await rows<Row>(statement, values))[0],
  };
}

/**
 * Every transaction's time zone is UTC, and PostgreSQL leaves out closing zeros. `Date` would cut microseconds,
 * which keys and cursors need; six decimals always, so that the order of the texts is the order of the times.
 */
function isoTime(text: string): string {
  const [, date, time, fraction = ''] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?\+00$/.exec(text) ?? [];
  return date ? `${date}T${time}.${fraction.padEnd(6, '0')}Z` : text;
}

/** The same, made by PostgreSQL: for times inside of JSON that it builds. */
export const ISO_TIME = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

const parsers: Record<number, (text: string) => unknown> = {
  [pg.types.builtins.TIMESTAMPTZ]: isoTime,
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.NUMERIC]: Number,
};
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    return (format !== 'binary' && parsers[oid]) || pg.types.getTypeParser(oid, format);
  },
} as pg.CustomTypesConfig;
