import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { AlertState, Severity } from '../../../src/domain/alert.ts';
import { answer, api } from './client.ts';
import type { AlertRule, MaintenanceWindow } from './types.ts';

/** What alerts are narrowed to. */
export interface AlertsAsked {
  states?: readonly AlertState[] | undefined;
  severities?: readonly Severity[] | undefined;
  device?: string | undefined;
  rule?: string | undefined;
}

const alertPageSize = 100;

export const alertsQuery = (org: string, asked: AlertsAsked) =>
  infiniteQueryOptions({
    queryKey: [org, 'alerts', asked],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/organizations/{org}/alerts', {
          params: {
            path: { org },
            query: {
              state: asked.states?.join(','),
              severity: asked.severities?.join(','),
              device_id: asked.device,
              rule_id: asked.rule,
              cursor: pageParam,
              limit: alertPageSize,
            },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });

/** Those of a device that held at some time between two, in ms since 1970; the newest of them. */
export const deviceAlertsQuery = (org: string, device: string, span: { from: number; to: number }) =>
  queryOptions({
    queryKey: [org, 'alerts', 'of-device', device, span],
    queryFn: () =>
      answer(
        api.GET('/api/v1/organizations/{org}/alerts', {
          params: {
            path: { org },
            query: {
              device_id: device,
              from: new Date(span.from).toISOString(),
              to: new Date(span.to).toISOString(),
              limit: 200,
            },
          },
        }),
      ),
    select: (page) => page.items,
  });

export const alertCountsQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'alert-counts'],
    queryFn: () =>
      answer(api.GET('/api/v1/organizations/{org}/alerts/counts', { params: { path: { org } } })),
    staleTime: 30_000,
  });

export const alertQuery = (org: string, alert: string) =>
  queryOptions({
    queryKey: [org, 'alert', alert],
    queryFn: () =>
      answer(api.GET('/api/v1/organizations/{org}/alerts/{alert}', { params: { path: { org, alert } } })),
  });

export const alertRulesQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'alert-rules'],
    queryFn: () => answer(api.GET('/api/v1/organizations/{org}/alert-rules', { params: { path: { org } } })),
    select: (list) => list.items as AlertRule[],
  });

export const maintenanceQuery = (org: string) =>
  queryOptions({
    queryKey: [org, 'maintenance-windows'],
    queryFn: () =>
      answer(api.GET('/api/v1/organizations/{org}/maintenance-windows', { params: { path: { org } } })),
    select: (list) => list.items as MaintenanceWindow[],
  });
