import { testChannel } from '../../alerts/notify/trial.ts';
import type { Engine } from '../../engine/engine.ts';
import { testConnection } from '../../external/connection-test.ts';
import { Inbox } from '../../external/inbox.ts';
import { Replays } from '../../external/replay.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { createAccounts } from '../../http/accounts.ts';
import { createApp } from '../../http/app.ts';
import { createCommandWaits } from '../../http/command-waits.ts';
import { createEventHub } from '../../http/events.ts';
import type { Platform } from '../../http/platform.ts';
import { createRateLimits } from '../../http/rate-limits.ts';
import { supabaseUsers } from '../../http/supabase-users.ts';
import { connectionOf, publicUrl } from '../addresses.ts';
import { clientAddressBehind } from '../client-address.ts';
import { brokerElsewhere, brokerOf, connectionElsewhere } from '../elsewhere.ts';
import { engineView } from '../engine.ts';
import { createFirstOwner } from '../first-owner.ts';
import type { Foundation, Role } from '../foundation.ts';
import { staticFile } from '../http-server.ts';
import { version } from '../version.ts';
import { webhooksOf } from '../webhooks.ts';
import type { External } from './external.ts';
import type { Intake } from './intake.ts';
import type { Notifying } from './notifying.ts';

/** Beside notifications, should one get lost. */
const COMMAND_POLL_MS = 1000;

export interface ApiRole extends Role {
  createFirstOwner: typeof createFirstOwner;
  /** Answers requests. */
  fetch: (port: () => number, metrics: Platform['metrics']) => ReturnType<typeof createApp>['fetch'];
}

/** HTTP: the API, the dashboard, event streams and webhooks. */
export function apiRole(
  foundation: Foundation,
  parts: {
    secret: string;
    setupToken: string;
    external: External;
    notifying: Notifying;
    intake: Intake;
    /** Where they are in the same process. */
    engine: Engine | undefined;
    gateway: Gateway | undefined;
  },
): ApiRole {
  const { config, log, clock, database, signals, reports, registry } = foundation;
  const { secret, setupToken, external, notifying, intake, engine, gateway } = parts;
  const { pool } = database;
  const { directory, seal, lookup } = external;
  const { ingest, expressions } = intake;
  const events = createEventHub({ pool, log });
  const waits = createCommandWaits({ pool, log, pollMs: COMMAND_POLL_MS });
  const inbox = new Inbox({ ingest, clock, quotas: intake.quotas, messageBytes: config.maxMessageBytes });
  const replays = new Replays({ pool, ingest, seal });
  signals.hear({
    stored(organizationId) {
      events.wake(organizationId);
      waits.wake(organizationId);
    },
    missed: () => events.wakeAll(),
    database: (isThere) => inbox.databaseAvailable(isThere),
  });
  reports.push(() => ({ api: { url: publicUrl(config, config.httpPort), waiting: ingest.waiting } }));

  const fetch: ApiRole['fetch'] = (port, metrics) => {
    const platform: Platform = {
      version,
      // Known once it listens.
      get publicUrl() {
        return publicUrl(config, port());
      },
      pool,
      log,
      accounts: createAccounts({ pool, secret, publicUrl: publicUrl(config, config.httpPort), log }),
      supabaseUser: supabaseUsers({ url: config.supabaseUrl, jwtSecret: config.supabaseJwtSecret }),
      events,
      commands: { waits },
      rateLimits: createRateLimits(),
      seal,
      replay: (replay) => replays.run(replay),
      decodeExpression: (request) => expressions.decode(request),
      testConnection: (settings) => testConnection(settings, { lookup }),
      notifications: {
        mail: config.mail,
        allowsHttp: config.allowPrivateNetworks,
        test: (outgoing) => testChannel(notifying.send, outgoing),
      },
      webhooks: webhooksOf({ directory, inbox, journal: ingest.journal, clock }),
      setupToken,
      retentionDays: config.retentionDays,
      // An engine in another process may be found late, or again with another version.
      get connection() {
        return gateway && engine
          ? connectionOf(config, gateway.ports, engine.protocolLevel)
          : connectionElsewhere(registry, config);
      },
      brokerStatus: () => (engine ? brokerOf(engineView(engine)) : brokerElsewhere(registry)),
      clientAddress: clientAddressBehind(config.trustedProxies),
      metrics,
      staticFile,
    };
    return createApp(platform).fetch;
  };
  return { fetch, createFirstOwner, services: [waits, events] };
}
