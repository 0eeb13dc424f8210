import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { DeliveryState } from '../notifications/states.ts';
import { answer, api } from './client.ts';

/** While somebody looks, what became of a notification shows within seconds. */
const POLL_MS = 3000;

export const notificationChannelsQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'notification-channels'],
    queryFn: () =>
      answer(api.GET('/api/v1/organizations/{org}/notification-channels', { params: { path: { org } } })),
    refetchInterval: POLL_MS,
  });

export interface DeliveryFilter {
  channel?: string;
  state?: DeliveryState;
}

export const deliveriesQuery = (org: string, { channel, state }: DeliveryFilter) =>
  infiniteQueryOptions({
    queryKey: [org, 'notification-deliveries', { channel, state }],
    queryFn: ({ pageParam }) => {
      const query = { state, cursor: pageParam, limit: 20 };
      return channel === undefined
        ? answer(
            api.GET('/api/v1/organizations/{org}/notification-deliveries', {
              params: { path: { org }, query },
            }),
          )
        : answer(
            api.GET('/api/v1/organizations/{org}/notification-channels/{channel}/deliveries', {
              params: { path: { org, channel }, query },
            }),
          );
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });
