import { Commands } from '../commands/commands.ts';
import { anyOwner, insertFirstOwner } from '../database/accounts.ts';
import { announce } from '../database/announce.ts';
import { listen } from '../database/listener.ts';
import { openPool } from '../database/pool.ts';
import { asPlatform } from '../database/scope.ts';
import type { Engine } from '../engine/engine.ts';
import { commandSender } from '../external/command-sender.ts';
import { testConnection } from '../external/connection-test.ts';
import { IntegrationDirectory } from '../external/directory.ts';
import { guardedLookup } from '../external/guard.ts';
import { Inbox } from '../external/inbox.ts';
import { Replays } from '../external/replay.ts';
import { Subscriber } from '../external/subscriber.ts';
import { type AnnouncedChange, Gateway } from '../gateway/gateway.ts';
import { createAccounts, hashAccountPassword } from '../http/accounts.ts';
import { createApp } from '../http/app.ts';
import { createCommandWaits } from '../http/command-waits.ts';
import { createEventHub } from '../http/events.ts';
import type { Platform } from '../http/platform.ts';
import { createRateLimits } from '../http/rate-limits.ts';
import { supabaseUsers } from '../http/supabase-users.ts';
import { Expressions } from '../ingest/expressions.ts';
import { housekeeping } from '../ingest/housekeeping.ts';
import { Ingest } from '../ingest/ingest.ts';
import { PresenceWatch } from '../ingest/presence-watch.ts';
import { Quotas } from '../quota/quotas.ts';
import { type Clock, systemClock } from '../service/clock.ts';
import { inOrder, type Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { randomToken } from '../service/random.ts';
import { createSeal } from '../service/seal.ts';
import { connectionOf, publicUrl } from './addresses.ts';
import { commandWays } from './command-ways.ts';
import type { Config } from './config.ts';
import { type Database, openDatabase } from './database.ts';
import { engineOf } from './engine.ts';
import { type HttpServer, httpServer, staticFile } from './http-server.ts';
import { metricsOf } from './metrics.ts';
import { secretKey } from './secret-key.ts';
import { version } from './version.ts';
import { webhooksOf } from './webhooks.ts';

/** Beside notifications, should one get lost. */
const COMMAND_POLL_MS = 1000;
/** For sending commands and writing what becomes of them: beside requests, which may all have to wait. */
const COMMAND_CONNECTIONS = 6;

/** The platform, running whole in this process. */
export interface RunningPlatform {
  url: string;
  /** `{url}/setup#{token}` while nobody owns anything yet. */
  setupUrl: string | undefined;
  mqttUrl: string;
  database: Database;
  stop(): Promise<void>;
}

/**
 * Starts the standalone shape: database, engine, ingest, gateway, HTTP, in this order, and stops it in reverse.
 * @throws StartupError with one line for the person who starts it
 */
export async function startPlatform(config: Config, log: Logger): Promise<RunningPlatform> {
  const secret = await secretKey(config);
  const database = await openDatabase(config, log);
  try {
    const clock = systemClock();
    const engine = await engineOf(config, { pool: database.pool, log, clock });
    const parts = assemble({ config, log, database, secret, clock, engine });
    const services = inOrder(parts.services, log);
    await services.start();
    const setUp = await createFirstOwner(config, database);
    const url = publicUrl(config, parts.http().port);
    return {
      url,
      setupUrl: setUp ? undefined : `${url}/setup#${parts.setupToken}`,
      mqttUrl: `mqtt://127.0.0.1:${parts.gateway.ports.mqtt}`,
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

function assemble(given: {
  config: Config;
  log: Logger;
  database: Database;
  secret: string;
  clock: Clock;
  engine: Engine & Service;
}) {
  const { config, log, database, secret, clock, engine } = given;
  const { pool, connection } = database;
  const setupToken = randomToken();
  const seal = createSeal(secret);
  const lookup = guardedLookup({ allowPrivate: config.allowPrivateNetworks });
  const events = createEventHub({ pool, log });
  const waits = createCommandWaits({ pool, log, pollMs: COMMAND_POLL_MS });
  const announcer = announce({ pool, log });
  const sendExternally = commandSender({
    directory: { get: (id) => directory.get(id) },
    lookup,
    log,
    held: (id) => subscriber.connectionOf(id),
  });
  const ways = commandWays({ engine, external: sendExternally, messageBytes: config.maxMessageBytes });
  const commandPool = openPool({ ...connection, max: COMMAND_CONNECTIONS }, log);
  const commands = new Commands({
    pool: commandPool,
    log,
    clock,
    send: ways.send,
    isThere: ways.isThere,
    onChanged: (organizations) => announcer.add(organizations),
  });
  const presence = new PresenceWatch({ pool, clock, log, onChanged: (changed) => announcer.add(changed) });
  const expressions = new Expressions({ log });
  const ingest = new Ingest({
    pool,
    connection,
    clock,
    log,
    retentionDays: config.retentionDays,
    expressions,
    answers: commands.answers,
    onStored: (organizations) => announcer.add(organizations),
    onDatabase: (available) => {
      inbox.databaseAvailable(available);
      if (!available) return presence.blind();
      presence.sees();
      gateway.connectionsStand();
    },
  });
  const quotas = new Quotas({ pool, log });
  const gateway = new Gateway({
    pool,
    quotas,
    engine,
    ingest,
    commands: ways.heard(commands),
    clock,
    log,
    listen: { host: config.host, mqttPort: config.mqttPort, mqttWsPort: config.mqttWsPort, tls: config.tls },
    limits: { messageBytes: config.maxMessageBytes },
    onEngineAway: () => presence.blind(),
    onEngineBack: () => presence.sees(),
  });
  const directory = new IntegrationDirectory({ pool, devices: ingest.devices, seal });
  const inbox = new Inbox({ ingest, clock, quotas, messageBytes: config.maxMessageBytes });
  const subscriber = new Subscriber({
    pool,
    quotas,
    log,
    directory,
    ingest,
    clock,
    lookup,
    messageBytes: config.maxMessageBytes,
    onChanged: (organizations) => announcer.add(organizations),
  });
  const replays = new Replays({ pool, ingest, seal });
  const listener = listen({
    connection,
    log,
    channels: ['changes', 'stored', 'commands'],
    onNotification(channel, payload) {
      if (channel === 'changes') changed(JSON.parse(payload) as AnnouncedChange);
      else if (channel === 'commands') commands.wake(payload);
      else for (const organization of payload.split(',')) stored(organization);
    },
    onGap() {
      gateway.allChanged();
      quotas.allChanged();
      directory.allChanged();
      subscriber.allChanged();
      commands.wake();
      events.wakeAll();
    },
  });

  function stored(organizationId: string): void {
    events.wake(organizationId);
    waits.wake(organizationId);
  }

  function changed(change: AnnouncedChange): void {
    gateway.changed(change);
    quotas.changed(change);
    if (change.table === 'integration_tokens' && change.integration_id)
      directory.changed(change.integration_id);
    if (change.table !== 'device_integrations' || !change.id) return;
    directory.changed(change.id);
    subscriber.changed(change.id);
  }

  let server: HttpServer | undefined;
  /** Last to start: only now are the ports known that it tells of. */
  const http: Service = {
    name: 'http',
    async start() {
      const url = publicUrl(config, config.httpPort);
      const platform: Platform = {
        version,
        // Known once it listens.
        get publicUrl() {
          return publicUrl(config, server?.port ?? config.httpPort);
        },
        pool,
        log,
        accounts: createAccounts({ pool, secret, publicUrl: url, log }),
        supabaseUser: supabaseUsers({ url: config.supabaseUrl, jwtSecret: config.supabaseJwtSecret }),
        events,
        commands: { waits },
        rateLimits: createRateLimits(),
        seal,
        replay: (replay) => replays.run(replay),
        decodeExpression: (request) => expressions.decode(request),
        testConnection: (settings) => testConnection(settings, { lookup }),
        webhooks: webhooksOf({ directory, inbox, journal: ingest.journal, clock }),
        setupToken,
        // An engine in another process may be found late, or again with another version.
        get connection() {
          return connectionOf(config, gateway.ports, engine.protocolLevel);
        },
        brokerStatus() {
          const { healthy, version: engineVersion, detail } = engine.status();
          return { healthy, engine: engine.name, version: engineVersion, detail };
        },
        clientAddress: (c) =>
          (c.env as { incoming?: { socket: { remoteAddress?: string } } }).incoming?.socket.remoteAddress ??
          '',
        metrics: metricsOf({ gateway, ingest, engine, subscriber, commands }),
        staticFile,
      };
      server = httpServer({ host: config.host, port: config.httpPort, fetch: createApp(platform).fetch });
      await server.start();
    },
    async stop() {
      await server?.stop();
    },
  };
  return {
    gateway,
    setupToken,
    http: () => server!,
    services: [
      announcer,
      listener,
      housekeeping({ pool, log, retentionDays: config.retentionDays }),
      engine,
      expressions,
      ingest,
      presence,
      quotas,
      subscriber,
      { name: 'database connections of commands', async start() {}, stop: () => commandPool.end() },
      commands,
      // Stopped first: what is being sent is given up, and written down so.
      { name: 'connections for commands', async start() {}, stop: sendExternally.stop },
      gateway,
      http,
      waits,
      events,
    ],
  };
}

/** @returns whether somebody owns an organization now */
async function createFirstOwner({ admin }: Config, { pool }: Database): Promise<boolean> {
  return asPlatform(pool, async (tx) => {
    if (await anyOwner(tx)) return true;
    if (!admin) return false;
    const passwordHash = await hashAccountPassword(admin.password);
    const [name = 'Admin'] = admin.email.split('@');
    await insertFirstOwner(tx, {
      name,
      email: admin.email,
      passwordHash,
      organizationName: 'My organization',
    });
    return true;
  });
}
