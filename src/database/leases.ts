import type pg from 'pg';

/**
 * Work that one process at a time may do, as rows with an expiry: they survive poolers, and a process that is gone
 * lets go of all that it held. The fencing number grows with every new holder.
 */
export interface LeaseClaim {
  names: readonly string[];
  /** Of the process: a UUID. */
  holder: string;
  seconds: number;
  /** Also those that another holds: nobody but the holder can be there. */
  isAlone?: boolean;
}

/** Renews those that are held and takes those that nobody holds (any more). @returns the names that the holder has now */
export async function claimLeases(
  pool: pg.Pool,
  { names, holder, seconds, isAlone = false }: LeaseClaim,
): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const { rows } = await pool.query<{ name: string }>({
    name: 'claim_leases',
    text: `
      insert into private.leases as l (name, holder, expires_at)
      select name, $2::uuid, now() + make_interval(secs => $3) from unnest($1::text[]) as name order by name
      on conflict (name) do update set
        holder = excluded.holder, expires_at = excluded.expires_at,
        fencing = l.fencing + (l.holder <> excluded.holder)::int
        where l.holder = excluded.holder or l.expires_at < now() or $4
      returning name`,
    values: [names, holder, seconds, isAlone],
  });
  return new Set(rows.map(({ name }) => name));
}

/** Whether the holder has it still. */
export async function holdsLease(pool: pg.Pool, name: string, holder: string): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'holds_lease',
    text: 'select from private.leases where name = $1 and holder = $2 and expires_at > now()',
    values: [name, holder],
  });
  return rowCount === 1;
}

/** Others may take them at once. */
export async function releaseLeases(pool: pg.Pool, names: readonly string[], holder: string): Promise<void> {
  await pool.query(
    `update private.leases set expires_at = '-infinity' where name = any ($1) and holder = $2`,
    [names, holder],
  );
}

/** Of a lease that is not ours it is asked again after so long. */
const ASKED_AGAIN_MS = 1000;

/** One lease that work is done under: renewed after a third of its time, and believed until then. */
export class WorkLease {
  readonly #pool: pg.Pool;
  readonly #claim: LeaseClaim;
  #isOurs = false;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(pool: pg.Pool, { name, ...claim }: Omit<LeaseClaim, 'names'> & { name: string }) {
    this.#pool = pool;
    this.#claim = { ...claim, names: [name] };
  }

  /** Whether the work is ours to do now; to be asked before each piece of it. */
  async isOurs(): Promise<boolean> {
    const now = performance.now();
    const believedMs = this.#isOurs ? (this.#claim.seconds * 1000) / 3 : ASKED_AGAIN_MS;
    if (now - this.#askedAt < believedMs) return this.#isOurs;
    this.#isOurs = (await claimLeases(this.#pool, this.#claim)).size > 0;
    this.#askedAt = now;
    return this.#isOurs;
  }

  /** Others may have it at once; where the database is away, when its time is up. */
  async release(): Promise<void> {
    this.#askedAt = Number.NEGATIVE_INFINITY;
    await releaseLeases(this.#pool, this.#claim.names, this.#claim.holder).catch(() => {});
    this.#isOurs = false;
  }
}
