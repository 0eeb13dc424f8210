import type { Fixture } from './table-rules.ts';

/**
 * Who may call which route: the lowest role in the organization of the path, 'caller' for anyone who is signed in
 * or has a key, 'anyone' without either. A new route needs its row here.
 */
export interface RouteRule {
  least: 'anyone' | 'caller' | 'viewer' | 'member' | 'admin';
  /** What makes the request a good one. */
  body?: object | ((things: Fixture) => object);
  /** The same where it is a table. */
  csv?: string;
  query?: (things: Fixture) => string;
  /** What stands in the path instead of the thing of that name: a customer's own broker, a command that has ended. */
  of?: { integration: 'webhook' } | { command: 'endedCommand' };
}

const organization = '/api/v1/organizations/{org}';

export const routeRules: Record<string, RouteRule> = {
  'GET /api/v1/platform': { least: 'anyone' },
  'POST /api/v1/setup': { least: 'anyone' },
  'POST /api/v1/invitations/preview': { least: 'anyone' },
  'POST /api/v1/invitations/accept': { least: 'anyone' },
  'POST /api/auth/sign-in/email': { least: 'anyone' },
  'POST /api/auth/sign-out': { least: 'anyone' },
  'POST /api/auth/change-password': { least: 'anyone' },
  'GET /api/v1/me': { least: 'caller' },
  'GET /api/v1/organizations': { least: 'caller' },
  'POST /api/v1/organizations': { least: 'caller', body: { name: 'Another' } },
  [`GET ${organization}`]: { least: 'viewer' },
  [`PATCH ${organization}`]: { least: 'admin', body: { name: 'Renamed' } },
  [`GET ${organization}/overview`]: { least: 'viewer' },
  [`GET ${organization}/health`]: { least: 'viewer' },
  [`GET ${organization}/usage`]: { least: 'viewer' },
  [`GET ${organization}/connection`]: { least: 'viewer' },
  [`GET ${organization}/events`]: { least: 'viewer' },
  [`GET ${organization}/devices`]: { least: 'viewer' },
  [`POST ${organization}/devices`]: { least: 'member', body: { external_device_id: 'new' } },
  [`POST ${organization}/devices/tags`]: {
    least: 'member',
    body: ({ device }) => ({ device_ids: [device], add: ['roof'] }),
  },
  [`GET ${organization}/tags`]: { least: 'viewer' },
  [`POST ${organization}/devices/import`]: { least: 'member', csv: 'external_device_id\nnew' },
  [`GET ${organization}/devices/export`]: { least: 'viewer' },
  [`GET ${organization}/devices/{device}/telemetry/export`]: { least: 'viewer' },
  [`GET ${organization}/telemetry/export`]: {
    least: 'viewer',
    query: ({ device }) => `device=${device}`,
  },
  [`GET ${organization}/devices/{device}`]: { least: 'viewer' },
  [`PATCH ${organization}/devices/{device}`]: { least: 'member', body: { name: 'Renamed' } },
  [`DELETE ${organization}/devices/{device}`]: { least: 'member' },
  [`GET ${organization}/devices/{device}/telemetry`]: { least: 'viewer' },
  [`GET ${organization}/devices/{device}/messages`]: { least: 'viewer' },
  [`GET ${organization}/devices/{device}/commands`]: { least: 'viewer' },
  [`POST ${organization}/devices/{device}/commands`]: { least: 'member', body: { name: 'reboot' } },
  [`GET ${organization}/commands`]: { least: 'viewer' },
  [`POST ${organization}/commands`]: {
    least: 'member',
    body: ({ device }) => ({ name: 'reboot', device_ids: [device] }),
  },
  [`GET ${organization}/commands/{command}`]: { least: 'viewer' },
  [`POST ${organization}/commands/{command}/cancel`]: { least: 'member' },
  [`POST ${organization}/commands/{command}/send-again`]: {
    least: 'member',
    of: { command: 'endedCommand' },
  },
  [`GET ${organization}/device-types`]: { least: 'viewer' },
  [`POST ${organization}/device-types`]: { least: 'member', body: { name: 'Meter' } },
  [`GET ${organization}/device-types/{type}`]: { least: 'viewer' },
  [`PATCH ${organization}/device-types/{type}`]: { least: 'member', body: { name: 'Renamed' } },
  [`DELETE ${organization}/device-types/{type}`]: { least: 'member' },
  [`GET ${organization}/credentials`]: { least: 'viewer' },
  [`POST ${organization}/credentials`]: { least: 'admin', body: {} },
  [`POST ${organization}/credentials/batch`]: { least: 'admin', body: { external_device_ids: ['new'] } },
  [`GET ${organization}/credentials/{credential}`]: { least: 'viewer' },
  [`PATCH ${organization}/credentials/{credential}`]: { least: 'admin', body: { disabled: true } },
  [`DELETE ${organization}/credentials/{credential}`]: { least: 'admin' },
  [`POST ${organization}/credentials/{credential}/rotate`]: { least: 'admin', body: {} },
  [`GET ${organization}/connections`]: { least: 'viewer' },
  [`DELETE ${organization}/connections/{connection}`]: { least: 'admin' },
  [`GET ${organization}/integrations`]: { least: 'viewer' },
  [`POST ${organization}/integrations`]: {
    least: 'admin',
    body: { name: 'Plant', mode: 'webhook', expected_topics: ['devices/+/telemetry'] },
  },
  [`POST ${organization}/integrations/test`]: {
    least: 'admin',
    body: { broker: { url: 'mqtt://127.0.0.1' } },
  },
  [`GET ${organization}/integrations/{integration}/setup`]: {
    least: 'admin',
    of: { integration: 'webhook' },
  },
  [`DELETE ${organization}/integrations/{integration}`]: { least: 'admin', of: { integration: 'webhook' } },
  [`GET ${organization}/integrations/{integration}/tokens`]: {
    least: 'admin',
    of: { integration: 'webhook' },
  },
  [`POST ${organization}/integrations/{integration}/tokens`]: {
    least: 'admin',
    of: { integration: 'webhook' },
    body: {},
  },
  [`DELETE ${organization}/integrations/{integration}/tokens/{token}`]: {
    least: 'admin',
    of: { integration: 'webhook' },
  },
  [`GET ${organization}/integrations/{integration}`]: { least: 'viewer' },
  [`PATCH ${organization}/integrations/{integration}`]: { least: 'admin', body: { decoder: 'json' } },
  [`GET ${organization}/integrations/{integration}/activity`]: { least: 'viewer' },
  [`GET ${organization}/integrations/{integration}/receipts`]: { least: 'viewer' },
  [`GET ${organization}/quarantine`]: { least: 'viewer' },
  [`GET ${organization}/quarantine/{message}`]: { least: 'viewer' },
  [`DELETE ${organization}/quarantine/{message}`]: { least: 'member' },
  [`POST ${organization}/quarantine/preview`]: {
    least: 'member',
    body: { decoder: 'json', topic: 't', payload_base64: 'e30=' },
  },
  // Of a reason that no message of the fixture has: routes are called without a platform to store by.
  [`POST ${organization}/quarantine/replay`]: { least: 'member', body: { reason: 'too_old' } },
  [`GET ${organization}/alert-rules`]: { least: 'viewer' },
  [`POST ${organization}/alert-rules`]: {
    least: 'member',
    body: { name: 'Gone', condition: { kind: 'offline' } },
  },
  [`POST ${organization}/alert-rules/backtest`]: {
    least: 'viewer',
    body: ({ device }) => ({
      condition: { kind: 'no_data' },
      for_seconds: 60,
      device_id: device,
      from: '2026-11-01T00:00:00Z',
      to: '2026-11-02T00:00:00Z',
    }),
  },
  [`GET ${organization}/alert-rules/{rule}`]: { least: 'viewer' },
  [`PATCH ${organization}/alert-rules/{rule}`]: { least: 'member', body: { name: 'Renamed' } },
  [`DELETE ${organization}/alert-rules/{rule}`]: { least: 'member' },
  [`GET ${organization}/maintenance-windows`]: { least: 'viewer' },
  [`POST ${organization}/maintenance-windows`]: {
    least: 'member',
    body: { name: 'Work', starts_at: '2026-11-01T00:00:00Z', ends_at: '2026-11-02T00:00:00Z' },
  },
  [`DELETE ${organization}/maintenance-windows/{window}`]: { least: 'member' },
  [`GET ${organization}/alerts`]: { least: 'viewer' },
  [`GET ${organization}/alerts/counts`]: { least: 'viewer' },
  [`GET ${organization}/alerts/{alert}`]: { least: 'viewer' },
  [`POST ${organization}/alerts/actions`]: {
    least: 'member',
    body: ({ alert }) => ({ action: 'acknowledge', alert_ids: [alert] }),
  },
  [`GET ${organization}/notification-channels`]: { least: 'viewer' },
  [`POST ${organization}/notification-channels`]: {
    least: 'admin',
    body: { name: 'On call', kind: 'webhook', url: 'https://on-call.example.com' },
  },
  [`GET ${organization}/notification-channels/{channel}`]: { least: 'viewer' },
  [`PATCH ${organization}/notification-channels/{channel}`]: { least: 'admin', body: { name: 'Renamed' } },
  [`DELETE ${organization}/notification-channels/{channel}`]: { least: 'admin' },
  [`POST ${organization}/notification-channels/{channel}/test`]: { least: 'admin' },
  [`POST ${organization}/notification-channels/{channel}/rotate-secret`]: { least: 'admin' },
  [`GET ${organization}/notification-channels/{channel}/deliveries`]: { least: 'viewer' },
  [`GET ${organization}/notification-deliveries`]: { least: 'viewer' },
  [`POST ${organization}/notification-deliveries/retry`]: {
    least: 'member',
    body: ({ delivery }) => ({ delivery_ids: [delivery] }),
  },
  [`POST ${organization}/notification-deliveries/{delivery}/retry`]: { least: 'member' },
  [`GET ${organization}/members`]: { least: 'viewer' },
  [`PATCH ${organization}/members/{user}`]: { least: 'admin', body: { role: 'viewer' } },
  [`DELETE ${organization}/members/{user}`]: { least: 'admin' },
  [`GET ${organization}/invitations`]: { least: 'admin' },
  [`POST ${organization}/invitations`]: { least: 'admin', body: { role: 'viewer' } },
  [`DELETE ${organization}/invitations/{invitation}`]: { least: 'admin' },
  [`GET ${organization}/api-keys`]: { least: 'admin' },
  [`POST ${organization}/api-keys`]: { least: 'admin', body: { name: 'key', role: 'viewer' } },
  [`DELETE ${organization}/api-keys/{key}`]: { least: 'admin' },
};
