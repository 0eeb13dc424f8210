import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { components } from '../api/schema.d.ts';
import type { LiveEvent } from './event-stream.ts';
import { outdate } from './outdate.ts';
import { refreshCommands } from './refresh-commands.ts';
import { throttled } from './throttle.ts';

type DevicePage = components['schemas']['DevicePage'];

/**
 * Turns events into questions asked again: what is on the page and what an event makes out of date, at most so often.
 * Values and presence of devices don't pass here, nor states of commands; they update in place (`live-values.ts`). Nor do a device's raw
 * messages, which only the pages that show them ask for (`use-device-messages.ts`).
 */
export function refreshOnEvents(queries: QueryClient, org: string) {
  const stale = (name: string, ms: number) => throttled(() => outdate(queries, [org, name]), ms);
  const kinds = {
    overview: stale('overview', 1000),
    activity: stale('activity', 250),
    credentials: stale('credentials', 1000),
    credential: stale('credential', 1000),
    connections: stale('connections', 1000),
    integrations: stale('integrations', 2000),
    integration: stale('integration', 1000),
    receipts: stale('receipts', 1000),
    quarantine: stale('quarantine', 1000),
    alerts: stale('alerts', 1000),
    alert: stale('alert', 500),
    alertCounts: stale('alert-counts', 1000),
    alertRules: stale('alert-rules', 2000),
    deviceByName: stale('device-by-name', 250),
  };
  const commands = refreshCommands(queries, org);
  const announced = new Set<string>();
  const lists = throttled(() => {
    const ids = [...announced];
    announced.clear();
    for (const [key, data] of queries.getQueriesData<InfiniteData<DevicePage>>({
      queryKey: [org, 'devices'],
    })) {
      const filtered = (key[2] as { presence?: string }).presence !== undefined;
      const known = new Set(data?.pages.flatMap((page) => page.items.map((device) => device.id)));
      if (filtered || ids.some((id) => !known.has(id)))
        void queries.invalidateQueries({ queryKey: key, exact: true });
    }
  }, 3000);

  const handle = (event: LiveEvent) => {
    switch (event.name) {
      case 'reset':
        outdate(queries, [org]);
        return;
      case 'reading':
        return;
      case 'presence':
        announced.add(event.data.device_id);
        lists.ask();
        kinds.overview.ask();
        kinds.deviceByName.ask();
        return;
      case 'command':
        commands.tell(event.data);
        return;
      case 'alert':
        kinds.alerts.ask();
        kinds.alert.ask();
        kinds.alertCounts.ask();
        kinds.alertRules.ask();
        return;
      case 'integration':
        kinds.overview.ask();
        kinds.integrations.ask();
        kinds.integration.ask();
        kinds.receipts.ask();
        if (event.data.kind === 'quarantined') {
          kinds.quarantine.ask();
        } else {
          kinds.activity.ask();
          kinds.credentials.ask();
          kinds.credential.ask();
          kinds.connections.ask();
        }
    }
  };
  /** What was read before the first event could come may miss what happened in between. */
  const opened = () => outdate(queries, [org]);
  const end = () => {
    for (const kind of Object.values(kinds)) kind.end();
    lists.end();
    commands.end();
  };
  return { handle, opened, end };
}
