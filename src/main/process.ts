import { type RoleName, roleNames } from '../contract/processes.ts';
import { processes } from '../database/processes.ts';
import { DeviceRegistry } from '../ingest/device-registry.ts';
import { inOrder, type Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { StartupError } from '../service/startup-error.ts';
import { publicUrl } from './addresses.ts';
import type { Config } from './config.ts';
import { type Database, openDatabase } from './database.ts';
import { dashboardElsewhere } from './elsewhere.ts';
import { engineOf } from './engine.ts';
import { type Foundation, layFoundation } from './foundation.ts';
import { httpOf } from './http.ts';
import { metricsOf } from './metrics.ts';
import { notifications } from './notifications.ts';
import { commandingOf } from './roles/commanding.ts';
import { engineRole } from './roles/engine.ts';
import { externalOf } from './roles/external.ts';
import { gatewayRole } from './roles/gateway.ts';
import { intakeOf } from './roles/intake.ts';
import { notifyingOf } from './roles/notifying.ts';
import { subscriberRole } from './roles/subscriber.ts';
import { workerRole } from './roles/worker.ts';
import { keyMark, secretKey, setupTokenOf } from './secret-key.ts';

/** A process of the platform. */
export interface RunningProcess {
  /** Where its HTTP is: with the role `api` the dashboard and the API. */
  url: string;
  /** `{url}/setup#{token}` while nobody owns anything yet; with the role `api`. */
  setupUrl: string | undefined;
  /** With the role `gateway`. */
  mqttUrl: string | undefined;
  database: Database;
  stop(): Promise<void>;
}

/**
 * Starts a process with the roles named, or with all of them: database, engine, ingest, gateway, HTTP, in this order, and
 * stops it in reverse.
 * @throws StartupError with one line for the person who starts it
 */
export async function startProcess(
  config: Config,
  log: Logger,
  named?: readonly RoleName[],
): Promise<RunningProcess> {
  const roles = new Set(named ?? roleNames);
  if (named) refuseUnshared(config, named);
  const database = await openDatabase(config, log);
  try {
    const isAlone = !named && !config.engine.includes('://');
    const foundation = layFoundation({ roles, isWhole: !named, isAlone, config, log, database });
    const parts = await assemble(foundation);
    const services = inOrder(parts.services, log);
    await services.start();
    await foundation.registry.complete();
    const isSetUp = !parts.api || (await parts.api.createFirstOwner(config, database));
    const url = publicUrl(config, parts.httpPort());
    return {
      url,
      setupUrl: isSetUp ? undefined : `${url}/setup#${parts.setupToken}`,
      mqttUrl: parts.gateway && `mqtt://127.0.0.1:${parts.gateway.ports.mqtt}`,
      database,
      async stop() {
        await services.stop();
        await database.stop();
      },
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

/** Processes of several roles meet in a database and in an engine. */
function refuseUnshared({ databaseUrl, engine }: Config, named: readonly RoleName[]): void {
  const roles = named.join(' ');
  if (!databaseUrl)
    throw new StartupError(`DATABASE_URL: expected with ${roles}, for all processes share one database`);
  if (engine === 'embedded' && named.some((role) => role !== 'api' && role !== 'subscriber'))
    throw new StartupError(
      `ENGINE=embedded is for one process without roles: set mosquitto or an mqtt:// URL for ${roles}`,
    );
  if (engine !== 'mosquitto' && named.includes('engine'))
    throw new StartupError(
      'ENGINE: expected mosquitto for the role engine: another broker is not ours to run',
    );
}

/** Else sessions would end at the next request, and secrets of customers' brokers could not be read. */
async function refuseOtherKey({ pool }: Database, key: string): Promise<void> {
  const others = await processes(pool);
  if (others.some(({ detail }) => detail.key !== undefined && detail.key !== key))
    throw new StartupError('SECRET_KEY: expected that of the processes that run already');
}

/** The parts that the roles need, in the order of their start. */
async function assemble(foundation: Foundation) {
  const { id, roles, config, log, database, signals, announcer, registry } = foundation;
  const has = (...names: RoleName[]) => names.some((name) => roles.has(name));
  const engine = has('engine', 'worker', 'gateway') ? await engineOf(foundation) : undefined;
  const secret = has('api', 'worker', 'subscriber') ? await secretKey(config) : undefined;
  const setupToken = secret && setupTokenOf(secret);
  if (secret) {
    const key = keyMark(secret);
    if (!foundation.isWhole) await refuseOtherKey(database, key);
    foundation.reports.push(() => ({ key }));
  }

  const takesIn = has('api', 'subscriber', 'gateway');
  const devices = new DeviceRegistry();
  const external = secret ? externalOf(foundation, { secret, devices }) : undefined;
  const dashboard = () => (has('api') ? publicUrl(config, http.port) : dashboardElsewhere(registry, config));
  const notifying = external && notifyingOf(foundation, { external, dashboard });
  const commanding = has('api', 'worker', 'subscriber', 'gateway')
    ? commandingOf(foundation, { engine, external })
    : undefined;
  const intake = takesIn ? intakeOf(foundation, { commands: commanding!.commands, devices }) : undefined;
  const worker = has('worker')
    ? workerRole(foundation, { engine: engine!, commanding: commanding! })
    : undefined;
  const subscriber = has('subscriber')
    ? subscriberRole(foundation, { external: external!, intake: intake! })
    : undefined;
  const gateway = has('gateway')
    ? gatewayRole(foundation, { engine: engine!, intake: intake!, commanding: commanding! })
    : undefined;
  // It is half of what there is to load, and most processes do without.
  const api = has('api')
    ? (await import('./roles/api.ts')).apiRole(foundation, {
        secret: secret!,
        setupToken: setupToken!,
        external: external!,
        notifying: notifying!,
        intake: intake!,
        engine,
        gateway: gateway?.gateway,
      })
    : undefined;

  const metrics = metricsOf({
    gateway: gateway?.gateway,
    ingest: intake?.ingest,
    engine,
    subscriber: subscriber?.subscriber,
    commands: commanding?.commands,
    notifier: notifying?.notifier,
  });
  const http = httpOf(foundation, { api, engine, metrics });
  const services: Service[] = [
    announcer,
    notifications({ id, connection: database.connection, log, signals }),
    registry,
    ...(engine ? (has('engine') ? engineRole(foundation, engine).services : [engine]) : []),
    ...(intake?.services ?? []),
    ...(worker?.services ?? []),
    ...(notifying?.services ?? []),
    ...(subscriber?.services ?? []),
    ...(commanding?.services ?? []),
    ...(gateway?.services ?? []),
    http,
    ...(api?.services ?? []),
  ];
  return { services, setupToken, api, gateway: gateway?.gateway, httpPort: () => http.port };
}
