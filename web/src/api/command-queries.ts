import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { CommandState } from '../../../src/domain/command.ts';
import { answer, api } from './client.ts';

/** Of commands, what devices declare of them, and which device to ask; keys begin as those of `queries.ts`. */

export interface CommandsAsked {
  states?: readonly CommandState[];
  device?: string;
  name?: string;
}

/** As much as a screen or two shows: a page may hold long params and results. */
const commandPageSize = 50;

/** The organization's, newest first. */
export const commandsQuery = (org: string, { states, device, name }: CommandsAsked) =>
  infiniteQueryOptions({
    queryKey: [org, 'commands', { states, device, name }] as const,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/organizations/{org}/commands', {
          params: {
            path: { org },
            query: {
              state: states?.join(','),
              device_id: device,
              name,
              cursor: pageParam,
              limit: commandPageSize,
            },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });

/** So many of a device's commands its page knows: its charts mark when they were asked for. */
export const recentCommands = 50;

export const deviceCommandsQuery = (org: string, device: string) =>
  queryOptions({
    queryKey: [org, 'device-commands', device] as const,
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/devices/{device}/commands', {
          params: { path: { org, device }, query: { limit: recentCommands } },
        }),
      ),
  });

/** One command whole, as it is in that state: an event leaves out what is long. */
export const commandQuery = (org: string, command: string, state: CommandState) =>
  queryOptions({
    queryKey: [org, 'command', command, state],
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/commands/{command}', { params: { path: { org, command } } }),
      ),
  });

export const deviceTypesQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'device-types'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/device-types', { params: { path: { org } } })),
    select: (list) => list.items,
    staleTime: 30_000,
  });

/** Keys that the latest values of some devices of a type have. */
export const reportedMetricsQuery = (org: string, type: string) =>
  queryOptions({
    queryKey: [org, 'reported-metrics', type],
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/devices', {
          params: { path: { org }, query: { device_type_id: type, limit: 50 } },
        }),
      ),
    select: (page) => [...new Set(page.items.flatMap(({ latest }) => Object.keys(latest)))].sort(),
    staleTime: 30_000,
  });

/** The first few devices that something is found in, to choose one of them. */
export const deviceChoicesQuery = (org: string, search: string) =>
  queryOptions({
    queryKey: [org, 'device-choices', search],
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/devices', {
          params: { path: { org }, query: { search: search || undefined, limit: 20 } },
        }),
      ),
    select: (page) => page.items,
  });
