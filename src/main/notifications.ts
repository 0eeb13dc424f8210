import type pg from 'pg';
import { announcePlatform } from '../database/announce.ts';
import { listen } from '../database/listener.ts';
import type { AnnouncedChange } from '../gateway/gateway.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import type { Foundation } from './foundation.ts';
import type { Signals } from './signals.ts';

/** What other processes say of themselves, on the channel `platform`. */
export interface PlatformNews {
  event: 'engine_away' | 'engine_back' | 'recount';
  /** The process that says it, which need not hear it. */
  from: string;
}

/** Tells all others, unless there are none. */
export function tellOthers({ id, isAlone, database, log }: Foundation, event: PlatformNews['event']): void {
  if (isAlone) return;
  const news: PlatformNews = { event, from: id };
  announcePlatform(database.pool, news).catch((error) =>
    log.debug({ error: String(error), event }, 'other processes were not told'),
  );
}

/** Channels by the signal that what comes there becomes. */
const channels = {
  changed: 'changes',
  stored: 'stored',
  called: 'commands',
  arrived: 'arrivals',
  engine: 'platform',
  recounted: 'platform',
} as const;

/** PostgreSQL's notifications as signals; only those are listened to that some part hears. */
export function notifications(options: {
  id: string;
  connection: pg.ClientConfig;
  log: Logger;
  signals: Signals;
}): Service {
  const { id, connection, log, signals } = options;
  const names = Object.entries(channels)
    .filter(([signal]) => signals.isHeard(signal as keyof typeof channels))
    .map(([, channel]) => channel);
  return listen({
    connection,
    log,
    channels: [...new Set(names)],
    onNotification(channel, payload) {
      if (channel === channels.changed) signals.tell('changed', JSON.parse(payload) as AnnouncedChange);
      else if (channel === channels.called) signals.tell('called', payload);
      else if (channel === channels.arrived) arrived(payload);
      else if (channel === channels.engine) heard(JSON.parse(payload) as PlatformNews);
      else for (const organization of payload.split(',')) signals.tell('stored', organization);
    },
    onGap: () => signals.tell('missed'),
  });

  function arrived(payload: string): void {
    for (const [organizationId, device] of JSON.parse(payload) as [string, string | null][])
      signals.tell('arrived', { organizationId, externalDeviceId: device ?? undefined });
  }

  function heard({ from, event }: PlatformNews): void {
    if (from === id) return;
    if (event === 'recount') signals.tell('recounted');
    else signals.tell('engine', event === 'engine_back');
  }
}
