import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type pg from 'pg';
import type { Outgoing } from '../alerts/notify/send.ts';
import type { ConnectionTest } from '../contract/connection-test.ts';
import type { NotificationTest } from '../contract/notifications.ts';
import type { Connection, Overview } from '../contract/platform.ts';
import type { QuarantinedBytes } from '../database/replay.ts';
import type { Caller } from '../database/scope.ts';
import type { ActivityReason } from '../domain/activity.ts';
import type { ConnectionSettings } from '../external/connection-test.ts';
import type { IntegrationDirectory, KnownIntegration } from '../external/directory.ts';
import type { Inbox } from '../external/inbox.ts';
import type { Replayed } from '../external/replay.ts';
import type { ExpressionRunner } from '../ingest/decoding.ts';
import type { Logger } from '../service/log.ts';
import type { Seal } from '../service/seal.ts';
import type { Accounts, User } from './accounts.ts';
import type { CommandWaits } from './command-waits.ts';
import type { EventHub } from './events.ts';
import { invalidRequest } from './problem.ts';
import type { RateLimits } from './rate-limits.ts';
import type { SupabaseUsers } from './supabase-users.ts';

/** A file to serve as it is. */
export interface StaticFile {
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  contentType: string;
}

/** Customers' integrations and the way of their messages. */
export interface Webhooks {
  directory: Pick<IntegrationDirectory, 'get'>;
  inbox: Pick<Inbox, 'deliver'>;
  /** A request was refused: its owner reads why. */
  refused(
    integration: KnownIntegration,
    reason: ActivityReason,
    from: { address: string; detail: string },
  ): void;
  /** Asks AWS for the confirmation that it waits for. @returns its status */
  confirm(url: string): Promise<number>;
}

/** What can be done for a command beyond making its row. */
export interface Commands {
  waits: Pick<CommandWaits, 'takePlace'>;
  /** Sends what is due for a device from here and now. Absent: a worker does, woken by the database. */
  dispatch?(deviceId: string): Promise<void>;
}

/** What the webhook needs of a platform; an edge function of its own has no more. */
export interface WebhookPlatform extends Pick<Platform, 'log' | 'rateLimits' | 'clientAddress'> {
  webhooks: Webhooks;
}

/** Takes messages, oldest first, out of an organization's quarantine and through ingest again. */
export type Replay = (replay: {
  organizationId: string;
  messages: readonly QuarantinedBytes[];
}) => Promise<Replayed>;

/** A broker as a trial needs it. */
export type ConnectionTrial = (settings: ConnectionSettings) => Promise<ConnectionTest>;

/** What can be done with notification channels from here. */
export interface Notifications {
  /** Undefined: there is no mail. */
  mail: object | undefined;
  /** Plain http:// as well, into networks of one's own. */
  allowsHttp: boolean;
  /** Sends one, and says what the receiver said. Absent: nothing is sent from here. */
  test?(outgoing: Outgoing): Promise<NotificationTest>;
}

/** Everything the application can do that it does not do itself. `main` makes it; a runtime of another kind makes its own. */
export interface Platform {
  version: string;
  /** Where people reach this platform: `https://mqtt.example.org`, without a slash at the end. */
  publicUrl: string;
  pool: pg.Pool;
  log: Logger;
  accounts: Accounts;
  /** Absent where there is no Supabase project whose users are ours. */
  supabaseUser?: SupabaseUsers;
  events: EventHub;
  rateLimits: RateLimits;
  seal: Seal;
  /** Where webhooks' messages go. Absent: nothing can be posted here. */
  webhooks?: Webhooks;
  /** Absent: nothing is stored from here, so nothing can be replayed. */
  replay?: Replay;
  /** Absent: nobody waits for commands here, and no connection for them is made from here. */
  commands?: Commands;
  /** Absent: expressions can't be run here. */
  decodeExpression?: ExpressionRunner['decode'];
  /** Tries a customer's broker, within the guard. Absent: no connections are made from here. */
  testConnection?: ConnectionTrial;
  notifications: Notifications;
  /** What the console's set-up link holds. Undefined where set-up is not offered. */
  setupToken?: string;
  /** Days for which readings are kept at most. */
  retentionDays: number;
  /** Where devices connect. */
  connection: Omit<Connection, 'topic_prefix'>;
  brokerStatus(): Overview['broker'];
  /** The client's address, as far as the runtime knows it. */
  clientAddress(c: Pick<Context, 'req' | 'env'>): string;
  /** prom-client's text. Absent: no /metrics. */
  metrics?(): Promise<{ contentType: string; text: string }>;
  /** Files of the dashboard (`web`) and of the API reference (`reference`) by path; undefined when there is none. */
  staticFile?(area: 'web' | 'reference', path: string): Promise<StaticFile | undefined>;
}

/** Who sent a request, and what stands behind it. */
export interface Authenticated {
  caller: Caller;
  /** Undefined for an API key. */
  user: User | undefined;
}

export interface Env {
  Variables: {
    platform: Platform;
    /** Set on every route that is not open to anyone. */
    authenticated: Authenticated;
  };
}

/** A group of routes. What does not fit its definition is answered with each field at fault. */
export function routes(): OpenAPIHono<Env> {
  return new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.target, result.error);
    },
  });
}
