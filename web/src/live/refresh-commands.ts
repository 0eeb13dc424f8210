import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { CommandStreamEvent } from '../../../src/contract/events.ts';
import type { CommandsAsked } from '../api/command-queries.ts';
import type { components } from '../api/schema.d.ts';
import { outdate } from './outdate.ts';
import { throttled } from './throttle.ts';

type CommandPage = components['schemas']['CommandPage'];
type Told = Pick<CommandStreamEvent, 'id' | 'device_id' | 'name'>;

/** Each page that is open is asked for again, so not too often. */
const everyMs = 1000;

/**
 * Has lists of commands asked again when there is one that they don't have, or that may have come into their filter
 * or left it. Commands that a list has already move by themselves (`live-commands.ts`).
 */
export function refreshCommands(queries: QueryClient, org: string) {
  const told = new Map<string, Told>();
  const lists = throttled(() => {
    const events = [...told.values()];
    told.clear();
    const all = queries.getQueryCache();
    for (const { queryKey, state } of all.findAll({ queryKey: [org, 'commands'] })) {
      const asked = queryKey[2] as CommandsAsked;
      const pages = (state.data as InfiniteData<CommandPage> | undefined)?.pages ?? [];
      const concerned = events.filter((event) => isIn(asked, event));
      const items = pages.flatMap((page) => page.items);
      if (concerned.length > 0 && (asked.states || lacks(items, concerned)))
        outdate(queries, queryKey, { exact: true });
    }
    for (const device of new Set(events.map((event) => event.device_id))) {
      const queryKey = [org, 'device-commands', device];
      const items = queries.getQueryData<CommandPage>(queryKey)?.items ?? [];
      if (
        lacks(
          items,
          events.filter((event) => event.device_id === device),
        )
      )
        outdate(queries, queryKey, { exact: true });
    }
  }, everyMs);

  return {
    tell(event: CommandStreamEvent) {
      told.set(event.id, event);
      lists.ask();
    },
    end: lists.end,
  };
}

function isIn({ device, name }: CommandsAsked, event: Told): boolean {
  return (device ?? event.device_id) === event.device_id && (name ?? event.name) === event.name;
}

function lacks(items: { id: string }[], events: Told[]): boolean {
  const known = new Set(items.map(({ id }) => id));
  return events.some(({ id }) => !known.has(id));
}
