import { type Presence, presences } from '../../src/domain/presence.ts';
import { type AlertSearch, parseAlertSearch } from './alerts/search.ts';
import { type CompareSearch, parseCompareSearch } from './charts/compare.ts';
import { type ChartSearch, parseChartSearch } from './charts/range.ts';
import { type CommandSearch, isCommandFilter } from './commands/states.ts';
import { isWay, type Way } from './integrations/ways.ts';
import { type DeliveryState, deliveryStates } from './notifications/states.ts';
import { parseTags, writeTags } from './tags/tags.ts';

/** Every address of the dashboard. Links and routes are made of these, so a wrong one doesn't compile. */
export const paths = {
  home: '/',
  signIn: '/sign-in',
  setUp: '/setup',
  invite: '/invite',
  welcome: '/welcome',
  overview: '/o/$org',
  connect: '/o/$org/connect',
  devices: '/o/$org/devices',
  device: '/o/$org/devices/$device',
  compare: '/o/$org/compare',
  deviceTypes: '/o/$org/devices/types',
  newDeviceType: '/o/$org/devices/types/new',
  deviceType: '/o/$org/devices/types/$type',
  alerts: '/o/$org/alerts',
  alert: '/o/$org/alerts/$alert',
  alertRules: '/o/$org/alerts/rules',
  newAlertRule: '/o/$org/alerts/rules/new',
  alertRule: '/o/$org/alerts/rules/$rule',
  maintenance: '/o/$org/alerts/maintenance',
  commands: '/o/$org/commands',
  integrations: '/o/$org/integrations',
  newIntegration: '/o/$org/integrations/new',
  integration: '/o/$org/integrations/$integration',
  quarantine: '/o/$org/quarantine',
  decoder: '/o/$org/decoder',
  credentials: '/o/$org/credentials',
  connections: '/o/$org/connections',
  notificationChannels: '/o/$org/notification-channels',
  usage: '/o/$org/usage',
  health: '/o/$org/health',
  members: '/o/$org/members',
  apiKeys: '/o/$org/api-keys',
  settings: '/o/$org/settings',
} as const;

type Search = Record<string, unknown>;

function text(value: unknown): string | undefined {
  // The router reads `?q=123` as a number.
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What may stand behind the `?` of each address. What doesn't belong there is dropped, never an error. */
export const searches = {
  signIn: (search: Search): { to?: string } => {
    const to = text(search.to);
    // Only back into the dashboard: `//elsewhere` would lead away from it.
    return { to: to?.startsWith('/') && !/^\/[/\\]/.test(to) ? to : undefined };
  },
  devices: (search: Search): { q?: string; presence?: Presence; type?: string; tags?: string } => ({
    q: text(search.q),
    presence: presences.find((one) => one === search.presence),
    type: text(search.type),
    tags: writeTags(parseTags(text(search.tags))),
  }),
  device: (search: Search): ChartSearch => parseChartSearch(search),
  alerts: (search: Search): AlertSearch => parseAlertSearch(search),
  /** An alert's, and a rule's while it is tried. */
  alert: (search: Search): ChartSearch => parseChartSearch(search),
  /** What a rule is begun with: a metric, and a device's id. */
  newAlertRule: (search: Search): ChartSearch & { metric?: string; device?: string } => ({
    ...parseChartSearch(search),
    metric: text(search.metric),
    device: text(search.device),
  }),
  compare: (search: Search): CompareSearch => parseCompareSearch(search),
  commands: (search: Search): CommandSearch => ({
    state: isCommandFilter(search.state) ? search.state : undefined,
    device: text(search.device),
    name: text(search.name),
  }),
  connect: (search: Search): { credential?: string; device?: string } => ({
    credential: text(search.credential),
    device: text(search.device),
  }),
  newIntegration: (search: Search): { way?: Way; made?: string } => ({
    way: isWay(search.way) ? search.way : undefined,
    made: text(search.made),
  }),
  quarantine: (search: Search): { reason?: string } => ({ reason: text(search.reason) }),
  /** A message in quarantine, or of a device's last ones that which was received at that time. */
  decoder: (search: Search): { message?: string; device?: string; at?: string } => ({
    message: text(search.message),
    device: text(search.device),
    at: text(search.at),
  }),
  notificationChannels: (search: Search): { channel?: string; state?: DeliveryState } => ({
    channel: text(search.channel),
    state: deliveryStates.find((one) => one === search.state),
  }),
  connections: (search: Search): { q?: string; credential?: string } => ({
    q: text(search.q),
    credential: text(search.credential),
  }),
  credentials: (search: Search): { q?: string; activity?: string } => ({
    q: text(search.q),
    activity: text(search.activity),
  }),
};
