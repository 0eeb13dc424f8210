import pg from 'pg';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { StartupError } from '../service/startup-error.ts';

export interface ListenOptions {
  /** A direct or session-mode connection: a transaction-mode pooler takes LISTEN and never delivers. */
  connection: pg.ClientConfig;
  /** Names of channels: lower-case letters and underscores. */
  channels: readonly string[];
  onNotification(channel: string, payload: string): void;
  /** Notifications may have been missed: drop what they keep fresh, look again for what they announce. */
  onGap(): void;
  log: Logger;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/**
 * A connection whose other end vanished without a word is found out within this time: whatever was announced before the
 * answer has come before it, so nobody who was revoked stays for longer than that and a new connection take.
 */
const PROBE_EVERY_MS = 500;
const PROBE_TIMEOUT_MS = 1000;
/** To connect, and for the first notification. */
const FIRST_TIMEOUT_MS = 5_000;

/**
 * Listens on one connection of its own, and reconnects when it breaks. `start` resolves when it listens, having seen
 * that a notification arrives; from then on nothing is missed without `onGap` being called once it listens again.
 */
export function listen(options: ListenOptions): Service {
  const { log } = options;
  let current: pg.Client | undefined;
  let stopped = false;
  let retryTimer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const client = await openListening(options, lost);
    if (stopped) return client.end();
    current = client;
    probe(client);
  }

  function lost(client: pg.Client): void {
    void client.end().catch(() => {});
    if (client !== current) return;
    current = undefined;
    if (stopped) return;
    log.warn({}, 'notifications from PostgreSQL interrupted');
    retry(FIRST_RETRY_MS);
  }

  function retry(delay: number): void {
    // Jitter, so that many processes do not all come back in the same instant.
    retryTimer = setTimeout(
      () => {
        connect().then(recovered, () => stopped || retry(Math.min(delay * 2, LAST_RETRY_MS)));
      },
      delay * (0.5 + Math.random()),
    );
  }

  function recovered(): void {
    if (stopped) return;
    log.info({}, 'notifications from PostgreSQL are back');
    options.onGap();
  }

  function probe(client: pg.Client): void {
    const timer = setTimeout(() => {
      if (client !== current) return;
      let isAnswered = false;
      const missed = () => isAnswered || lost(client);
      // An answer that came while this process stood still is read before it is missed.
      const patience = setTimeout(() => setImmediate(() => setImmediate(missed)), PROBE_TIMEOUT_MS);
      patience.unref();
      client.query('select 1').then(
        () => {
          isAnswered = true;
          clearTimeout(patience);
          probe(client);
        },
        () => lost(client),
      );
    }, PROBE_EVERY_MS);
    timer.unref();
  }

  return {
    name: 'notifications',
    async start() {
      await connect();
      if (current) await seeThatItArrives(current, options.connection);
    },
    async stop() {
      stopped = true;
      clearTimeout(retryTimer);
      const client = current;
      current = undefined;
      await client?.end().catch(() => {});
    },
  };
}

async function openListening(
  options: ListenOptions,
  onLost: (client: pg.Client) => void,
): Promise<pg.Client> {
  const client = new pg.Client({
    ...options.connection,
    keepAlive: true,
    connectionTimeoutMillis: FIRST_TIMEOUT_MS,
    application_name: 'netneural notifications',
  });
  client.on('error', () => onLost(client));
  client.on('end', () => onLost(client));
  client.on('notification', ({ channel, payload = '' }) => {
    if (options.channels.includes(channel)) options.onNotification(channel, payload);
  });
  await client.connect();
  for (const channel of options.channels) await client.query(`listen ${client.escapeIdentifier(channel)}`);
  return client;
}

/** Sends itself a notification from another connection. @throws StartupError when it does not come */
async function seeThatItArrives(listener: pg.Client, connection: pg.ClientConfig): Promise<void> {
  const channel = `check_${crypto.randomUUID().replaceAll('-', '')}`;
  const arrived = Promise.withResolvers<boolean>();
  const onNotification = (message: pg.Notification) => message.channel === channel && arrived.resolve(true);
  const timer = setTimeout(() => arrived.resolve(false), FIRST_TIMEOUT_MS);
  const sender = new pg.Client(connection);
  sender.on('error', () => {});
  listener.on('notification', onNotification);
  try {
    await listener.query(`listen ${channel}`);
    await sender.connect();
    await sender.query(`notify ${channel}`);
    if (await arrived.promise) return;
    throw new StartupError(
      'LISTEN gets no notifications: DATABASE_URL must be a direct or session-mode connection, not a transaction-mode pooler',
    );
  } finally {
    clearTimeout(timer);
    listener.off('notification', onNotification);
    await listener.query(`unlisten ${channel}`).catch(() => {});
    await sender.end().catch(() => {});
  }
}
