import { claimLeases, releaseLeases } from '../../database/leases.ts';
import type { Service } from '../../service/lifecycle.ts';
import { pause } from '../../service/pause.ts';
import { StartupError } from '../../service/startup-error.ts';
import type { Foundation, Role } from '../foundation.ts';

const LEASE = 'engine';
const LEASE_SECONDS = 10;
const RENEW_MS = 2000;
/** One that was killed holds its lease for as long. */
const PATIENCE_MS = (LEASE_SECONDS + 2) * 1000;

/** Supervises the broker behind the gateways. There is one: two would each know half of the sessions. */
export function engineRole(foundation: Foundation, engine: Service): Role {
  return { services: [engineLease(foundation), engine] };
}

function engineLease({ id, isAlone, database, log }: Foundation): Service {
  const { pool } = database;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  async function isOurs(): Promise<boolean> {
    const claim = { names: [LEASE], holder: id, seconds: LEASE_SECONDS, isAlone };
    return (await claimLeases(pool, claim)).has(LEASE);
  }

  async function renew(): Promise<void> {
    try {
      if (await isOurs()) return;
    } catch {
      // Nobody else can take it meanwhile.
      return;
    }
    clearInterval(timer);
    log.error({}, 'another process runs the engine by now: this one stops');
    process.kill(process.pid, 'SIGTERM');
  }

  return {
    name: 'lease of the engine',
    async start() {
      const deadline = performance.now() + PATIENCE_MS;
      while (!(await isOurs())) {
        if (performance.now() > deadline)
          throw new StartupError('another process runs the engine: there can be one on a database');
        await pause(500, stopping.signal);
      }
      timer = setInterval(() => void renew(), RENEW_MS);
    },
    async stop() {
      stopping.abort();
      clearInterval(timer);
      await releaseLeases(pool, [LEASE], id).catch(() => {});
    },
  };
}
