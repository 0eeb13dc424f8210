import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Presence } from '../../../src/contract/common.ts';
import { parseTags } from '../tags/tags.ts';
import { answer, api } from './client.ts';

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

export const usageQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'usage'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/usage', { params: { path: { org } } })),
    refetchInterval: 2000,
  });

export const connectionQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'connection'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/connection', { params: { path: { org } } })),
    staleTime: 60_000,
  });

export const organizationQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'organization'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}', { params: { path: { org } } })),
    staleTime: 60_000,
  });

export interface DeviceFilter {
  q?: string;
  presence?: Presence;
  /** A device type's id. */
  type?: string;
  /** As they stand in the address: a device has all of them. */
  tags?: string;
}

/** Large pages: 5,000 devices are ten answers, each asked for when the list is scrolled near its end. */
const devicePageSize = 500;

export const devicesQuery = (org: string, { q, presence, type, tags }: DeviceFilter) =>
  infiniteQueryOptions({
    queryKey: [org, 'devices', { q, presence, type, tags }],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/organizations/{org}/devices', {
          params: {
            path: { org },
            query: {
              search: q,
              presence,
              device_type_id: type,
              tag: parseTags(tags),
              cursor: pageParam,
              limit: devicePageSize,
            },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });

/** Tags in use, with how many devices have them. */
export const tagsQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'tags'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/tags', { params: { path: { org } } })),
    select: (list) => list.items,
    staleTime: 30_000,
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
        api.GET('/api/v1/organizations/{org}/devices/{device}/messages', {
          params: { path: { org, device } },
        }),
      ),
    select: (messages) => messages.items,
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
        api.GET('/api/v1/organizations/{org}/credentials/{credential}', {
          params: { path: { org, credential } },
        }),
      ),
  });

export const healthQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'health'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/health', { params: { path: { org } } })),
    refetchInterval: 5000,
  });

export interface ConnectionFilter {
  q?: string;
  credential?: string;
}

export const connectionsQuery = (org: string, { q, credential }: ConnectionFilter) =>
  infiniteQueryOptions({
    queryKey: [org, 'connections', { q, credential }],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/organizations/{org}/connections', {
          params: {
            path: { org },
            query: { search: q, credential_id: credential, cursor: pageParam, limit: 100 },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
    select: (data) => data.pages.flatMap((page) => page.items),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });

export const integrationsQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'integrations'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/integrations', { params: { path: { org } } })),
    select: (list) => list.items,
    staleTime: 60_000,
  });

/** Figures move without an event: asked for again this often where they are shown, in ms. */
export const figuresEvery = 10_000;

export const integrationQuery = (org: string, integration: string) =>
  queryOptions({
    queryKey: [org, 'integration', integration],
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/integrations/{integration}', {
          params: { path: { org, integration } },
        }),
      ),
  });

export const integrationTokensQuery = (org: string, integration: string) =>
  queryOptions({
    queryKey: [org, 'integration-tokens', integration],
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/integrations/{integration}/tokens', {
          params: { path: { org, integration } },
        }),
      ),
    select: (list) => list.items,
  });

/** The configuration made for the customer's broker, with `<token>` or `<password>` where the secret goes. */
export const setupQuery = (org: string, integration: string) =>
  queryOptions({
    queryKey: [org, 'integration-setup', integration],
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/integrations/{integration}/setup', {
          params: { path: { org, integration } },
        }),
      ),
    select: (list) => list.items,
  });

export const receiptsQuery = (org: string, integration: string) =>
  queryOptions({
    queryKey: [org, 'receipts', integration],
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/integrations/{integration}/receipts', {
          params: { path: { org, integration } },
        }),
      ),
    select: (list) => list.items,
  });

/** Connects and refusals, the newest `limit`; of one credential when it is named. */
export const activityQuery = (
  org: string,
  asked: { integration: string; credential?: string; limit: number },
) =>
  queryOptions({
    queryKey: [org, 'activity', asked] as const,
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
      answer(
        api.GET('/api/v1/organizations/{org}/quarantine/{message}', { params: { path: { org, message } } }),
      ),
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
