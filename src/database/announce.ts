import type pg from 'pg';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';

/** PostgreSQL takes 8,000 bytes in one notification. */
const PAYLOAD_BYTES = 7900;

export interface Announcer extends Service {
  add(texts: Iterable<string>): void;
}

interface AnnounceOptions {
  pool: pg.Pool;
  log: Logger;
}

/**
 * Tells all processes which organizations have something new, on the channel `stored`. It follows the commit
 * instead of being part of it: NOTIFY inside would make all committing transactions wait for one another. A crash in
 * between loses a wake-up and no data; whoever listens looks by itself every few seconds as well.
 */
export function announce(options: AnnounceOptions): Announcer {
  return announcer('announcer', 'stored', (ids) => ids.join(','), options);
}

/** Tells other processes whose clients have come to listen for commands, on the channel `arrivals`: see `arrival`. */
export function announceArrivals(options: AnnounceOptions): Announcer {
  return announcer('arrivals', 'arrivals', (arrivals) => `[${arrivals.join(',')}]`, options);
}

/** An organization's device, or all of its devices. */
export function arrival(device: { organizationId: string; externalDeviceId: string | undefined }): string {
  return JSON.stringify([device.organizationId, device.externalDeviceId ?? null]);
}

/** Tells all processes something of this one, on the channel `platform`. */
export async function announcePlatform(pool: pg.Pool, news: object): Promise<void> {
  await pool.query(`select pg_notify('platform', $1)`, [JSON.stringify(news)]);
}

/** One announcement is under way at a time and carries all that has gathered meanwhile, each once. */
function announcer(
  name: string,
  channel: string,
  payloadOf: (texts: string[]) => string,
  { pool, log }: AnnounceOptions,
): Announcer {
  let waiting = new Set<string>();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.size > 0) {
      const texts = waiting;
      waiting = new Set();
      for (const part of parts(texts)) {
        await pool.query({
          name: 'announce',
          text: 'select pg_notify($1, $2)',
          values: [channel, payloadOf(part)],
        });
      }
    }
  }

  return {
    name,
    async start() {},
    async stop() {
      await running;
    },
    add(texts) {
      for (const text of texts) waiting.add(text);
      running ??= run()
        .catch((error) => {
          waiting = new Set();
          log.debug({ error: String(error) }, 'an announcement was lost');
        })
        .finally(() => {
          running = undefined;
        });
    },
  };
}

/** What goes into one notification. */
function* parts(texts: Iterable<string>): Generator<string[]> {
  let part: string[] = [];
  let bytes = 0;
  for (const text of texts) {
    const more = Buffer.byteLength(text) + 1;
    if (bytes + more > PAYLOAD_BYTES && part.length > 0) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(text);
    bytes += more;
  }
  if (part.length > 0) yield part;
}
