import type pg from 'pg';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';

/** Organization ids in one notification: PostgreSQL takes 8,000 bytes. */
const AT_ONCE = 200;

export interface Announcer extends Service {
  add(organizationIds: Iterable<string>): void;
}

/**
 * Tells all processes which organizations have something new, on the channel `stored`. It follows the commit
 * instead of being part of it: NOTIFY inside would make all committing transactions wait for one another. A crash in
 * between loses a wake-up and no data; whoever listens looks by itself every few seconds as well.
 *
 * One announcement is under way at a time and carries all that has gathered meanwhile.
 */
export function announce({ pool, log }: { pool: pg.Pool; log: Logger }): Announcer {
  let waiting = new Set<string>();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.size > 0) {
      const organizations = [...waiting];
      waiting = new Set();
      for (let at = 0; at < organizations.length; at += AT_ONCE) {
        const payload = organizations.slice(at, at + AT_ONCE).join(',');
        await pool.query({
          name: 'announce_stored',
          text: `select pg_notify('stored', $1)`,
          values: [payload],
        });
      }
    }
  }

  return {
    name: 'announcer',
    async start() {},
    async stop() {
      await running;
    },
    add(organizationIds) {
      for (const id of organizationIds) waiting.add(id);
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
