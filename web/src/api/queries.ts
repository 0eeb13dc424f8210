import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Presence } from '../../../src/contract/common.ts';
import { answer, api } from './client.ts';
import { serverNow } from './server-clock.ts';

/**
 * What the pages read. Keys begin with the organization's id, so that leaving one, or losing the event stream,
 * makes all of it stale at once.
 */
export const platformQuery = queryOptions({
  queryKey: ['platform'],
  queryFn: () => answer(api.GET('/api/v1/platform')),
  staleTime: 60_000,
});

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => answer(api.GET('/api/v1/me')),
  staleTime: 60_000,
});

export const overviewQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'overview'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/overview', { params: { path: { org } } })),
    refetchInterval: 5000,
  });

export const connectionQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'connection'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/connection', { params: { path: { org } } })),
    staleTime: 60_000,
  });

export interface DeviceFilter {
  q?: string;
  presence?: Presence;
}

/** Large pages: 5,000 devices are ten answers, each asked for when the list is scrolled near its end. */
const devicePageSize = 500;

export const devicesQuery = (org: string, { q, presence }: DeviceFilter) =>
  infiniteQueryOptions({
    queryKey: [org, 'devices', { q, presence }],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/organizations/{org}/devices', {
          params: { path: { org }, query: { search: q, presence, cursor: pageParam, limit: devicePageSize } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });

export const deviceQuery = (org: string, device: string) =>
  queryOptions({
    queryKey: [org, 'device', device],
    queryFn: () =>
      answer(api.GET('/api/v1/organizations/{org}/devices/{device}', { params: { path: { org, device } } })),
  });

/** The device of that name in topics, or null: it may not have published yet. */
export const deviceByNameQuery = (org: string, externalDeviceId: string) =>
  queryOptions({
    queryKey: [org, 'device-by-name', externalDeviceId],
    queryFn: async () => {
      const page = await answer(
        api.GET('/api/v1/organizations/{org}/devices', {
          params: { path: { org }, query: { external_device_id: externalDeviceId } },
        }),
      );
      return page.items[0] ?? null;
    },
  });

export const deviceMessagesQuery = (org: string, device: string) =>
  queryOptions({
    queryKey: [org, 'messages', device],
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/devices/{device}/messages', { params: { path: { org, device } } }),
      ),
    select: (messages) => messages.items,
  });

/** The last so many ms, or what lies between two times in ms since 1970. */
export type AskedSpan = { last: number } | { from: number; to: number };

/** A device's readings over a span, thinned by the platform where they are many. */
export const telemetryQuery = (org: string, device: string, span: AskedSpan) =>
  queryOptions({
    queryKey: [org, 'telemetry', device, span],
    queryFn: () => {
      const from = 'last' in span ? serverNow() - span.last : span.from;
      const to = 'last' in span ? undefined : new Date(span.to).toISOString();
      return answer(
        api.GET('/api/v1/organizations/{org}/devices/{device}/telemetry', {
          params: {
            path: { org, device },
            query: { from: new Date(from).toISOString(), to, resolution: 'auto', limit: 10_000 },
          },
        }),
      );
    },
    staleTime: 10_000,
  });

export const credentialsQuery = (org: string) =>
  infiniteQueryOptions({
    queryKey: [org, 'credentials'],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/organizations/{org}/credentials', {
          params: { path: { org }, query: { cursor: pageParam, limit: 100 } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
    select: (data) => data.pages.flatMap((page) => page.items),
    refetchInterval: 15_000,
  });

export const credentialQuery = (org: string, credential: string) =>
  queryOptions({
    queryKey: [org, 'credential', credential],
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/credentials/{credential}', { params: { path: { org, credential } } }),
      ),
  });

export const integrationsQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'integrations'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/integrations', { params: { path: { org } } })),
    select: (list) => list.items,
    staleTime: 60_000,
  });

/** Connects and refusals, the newest `limit`; of one credential when it is named. */
export const activityQuery = (org: string, asked: { integration: string; credential?: string; limit: number }) =>
  queryOptions({
    queryKey: [org, 'activity', asked],
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/integrations/{integration}/activity', {
          params: {
            path: { org, integration: asked.integration },
            query: { credential_id: asked.credential, limit: asked.limit },
          },
        }),
      ),
    select: (page) => page.items,
  });

export const quarantineQuery = (org: string, reason?: string) =>
  infiniteQueryOptions({
    queryKey: [org, 'quarantine', { reason }],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/organizations/{org}/quarantine', {
          params: { path: { org }, query: { reason, cursor: pageParam, limit: 50 } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });

export const quarantinedQuery = (org: string, message: string) =>
  queryOptions({
    queryKey: [org, 'quarantined', message],
    queryFn: () =>
      answer(api.GET('/api/v1/organizations/{org}/quarantine/{message}', { params: { path: { org, message } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const membersQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'members'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/members', { params: { path: { org } } })),
    select: (list) => list.items,
  });

export const invitationsQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'invitations'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/invitations', { params: { path: { org } } })),
    select: (list) => list.items,
  });

export const apiKeysQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'api-keys'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/api-keys', { params: { path: { org } } })),
    select: (list) => list.items,
  });
