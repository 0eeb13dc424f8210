import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { superviseEmbeddedPostgres } from '../src/database/embedded/supervised-postgres.ts';
import { silentLog } from '../src/service/log.ts';
import { Cluster } from '../test/soak/cluster.ts';
import { createCredential } from '../test/soak/standalone.ts';
import { cpuOf, postgresBelow } from './processes.ts';

/** The platform as processes with a role each, on a PostgreSQL and a Mosquitto of their own. */
export interface GatewayProcesses {
  /** One for each gateway, without a load balancer between. */
  mqttPorts: number[];
  organizationId: string;
  username: string;
  password: string;
  /** The engine's DATA_DIR. */
  directory: string;
  /** Microseconds so far: of all processes of ours, and of PostgreSQL's that run now. */
  cpu(): { node: number; postgres: number };
  stop(): Promise<void>;
}

export async function startGatewayProcesses(gateways: number): Promise<GatewayProcesses> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'netneural-bench-database-')));
  await chmod(directory, 0o755);
  const postgres = await superviseEmbeddedPostgres({
    directory,
    log: silentLog,
    settings: { max_connections: 300 },
  });
  const { host, user, database } = postgres.connection;
  const databaseUrl = `postgresql://${user}@/${database}?host=${encodeURIComponent(host!)}`;
  const cluster = await Cluster.start({ databaseUrl, gateways, settings: { LOG_LEVEL: 'warn' } });
  const { organizationId, username, password } = await createCredential(cluster.place);
  return {
    mqttPorts: cluster.gateways.map(({ mqttPort }) => mqttPort),
    organizationId,
    username,
    password,
    directory: cluster.place.dataDir,
    cpu: () => ({
      node: cluster.processes.reduce((sum, { pid }) => sum + cpuOf(pid), 0),
      postgres: postgresBelow(directory).reduce((sum, pid) => sum + cpuOf(pid), 0),
    }),
    async stop() {
      await cluster.close();
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
