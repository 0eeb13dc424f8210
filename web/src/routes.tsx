import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  redirect,
} from '@tanstack/react-router';
import { alertsAsked } from './alerts/search.ts';
import { alertQuery, alertRulesQuery, alertsQuery, maintenanceQuery } from './api/alert-queries.ts';
import { commandsQuery, deviceTypesQuery } from './api/command-queries.ts';
import { notificationChannelsQuery } from './api/notification-queries.ts';
import { ApiProblem } from './api/problem.ts';
import {
  connectionQuery,
  connectionsQuery,
  deviceQuery,
  devicesQuery,
  healthQuery,
  integrationQuery,
  integrationsQuery,
  meQuery,
  organizationQuery,
  overviewQuery,
  platformQuery,
  usageQuery,
} from './api/queries.ts';
import type { Me } from './api/types.ts';
import { askedBy } from './commands/states.ts';
import { PageFailure, PageNotFound, PagePending } from './pages/whole-page.tsx';
import { paths, searches } from './paths.ts';
import { rememberOrganization, startingOrganization } from './session/session.ts';

interface Context {
  queries: QueryClient;
}

/** Who is signed in, or undefined. */
async function whoIs(queries: QueryClient): Promise<Me | undefined> {
  try {
    return await queries.ensureQueryData(meQuery);
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return undefined;
    throw error;
  }
}

const root = createRootRouteWithContext<Context>()({ notFoundComponent: PageNotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: paths.home,
  beforeLoad: async ({ context }) => {
    const me = await whoIs(context.queries);
    if (!me) throw redirect({ to: paths.signIn, replace: true });
    const organization = startingOrganization(me);
    if (!organization) throw redirect({ to: paths.welcome, replace: true });
    throw redirect({ to: paths.overview, params: { org: organization.id }, replace: true });
  },
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: paths.signIn,
  validateSearch: searches.signIn,
  loader: ({ context }) => void context.queries.prefetchQuery(platformQuery),
  component: lazyRouteComponent(() => import('./pages/entry/SignIn.tsx'), 'SignIn'),
});

const setUp = createRoute({
  getParentRoute: () => root,
  path: paths.setUp,
  component: lazyRouteComponent(() => import('./pages/entry/SetUp.tsx'), 'SetUp'),
});

const invite = createRoute({
  getParentRoute: () => root,
  path: paths.invite,
  component: lazyRouteComponent(() => import('./pages/entry/Invite.tsx'), 'Invite'),
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: paths.welcome,
  beforeLoad: async ({ context }) => {
    if (!(await whoIs(context.queries))) throw redirect({ to: paths.signIn });
  },
  component: lazyRouteComponent(() => import('./pages/entry/Welcome.tsx'), 'Welcome'),
});

/** Everything of one organization, which the viewer has to belong to. */
const organization = createRoute({
  getParentRoute: () => root,
  path: paths.overview,
  beforeLoad: async ({ context, params, location }) => {
    const me = await whoIs(context.queries);
    if (!me) throw redirect({ to: paths.signIn, search: { to: location.href } });
    if (!me.organizations.some(({ id }) => id === params.org)) throw notFound();
    rememberOrganization(params.org);
  },
  component: lazyRouteComponent(() => import('./shell/Shell.tsx'), 'Shell'),
});

const overview = createRoute({
  getParentRoute: () => organization,
  path: '/',
  loader: ({ context, params }) => void context.queries.prefetchQuery(overviewQuery(params.org)),
  component: lazyRouteComponent(() => import('./pages/overview/Overview.tsx'), 'Overview'),
});

const connect = createRoute({
  getParentRoute: () => organization,
  path: 'connect',
  validateSearch: searches.connect,
  loader: ({ context, params }) => void context.queries.prefetchQuery(connectionQuery(params.org)),
  component: lazyRouteComponent(() => import('./pages/connect/Connect.tsx'), 'Connect'),
});

const devices = createRoute({
  getParentRoute: () => organization,
  path: 'devices',
  validateSearch: searches.devices,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) =>
    void context.queries.prefetchInfiniteQuery(devicesQuery(params.org, deps)),
  component: lazyRouteComponent(() => import('./pages/devices/Devices.tsx'), 'Devices'),
});

const device = createRoute({
  getParentRoute: () => organization,
  path: 'devices/$device',
  validateSearch: searches.device,
  loader: ({ context, params }) => void context.queries.prefetchQuery(deviceQuery(params.org, params.device)),
  component: lazyRouteComponent(() => import('./pages/device/Device.tsx'), 'Device'),
});

const compare = createRoute({
  getParentRoute: () => organization,
  path: 'compare',
  validateSearch: searches.compare,
  component: lazyRouteComponent(() => import('./pages/compare/Compare.tsx'), 'Compare'),
});

const deviceTypes = createRoute({
  getParentRoute: () => organization,
  path: 'devices/types',
  loader: ({ context, params }) => void context.queries.prefetchQuery(deviceTypesQuery(params.org)),
  component: lazyRouteComponent(() => import('./pages/device-types/DeviceTypes.tsx'), 'DeviceTypes'),
});

const newDeviceType = createRoute({
  getParentRoute: () => organization,
  path: 'devices/types/new',
  component: lazyRouteComponent(() => import('./pages/device-types/DeviceType.tsx'), 'NewDeviceType'),
});

const deviceType = createRoute({
  getParentRoute: () => organization,
  path: 'devices/types/$type',
  loader: ({ context, params }) => void context.queries.prefetchQuery(deviceTypesQuery(params.org)),
  component: lazyRouteComponent(() => import('./pages/device-types/DeviceType.tsx'), 'DeviceType'),
});

const alerts = createRoute({
  getParentRoute: () => organization,
  path: 'alerts',
  validateSearch: searches.alerts,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) =>
    void context.queries.prefetchInfiniteQuery(alertsQuery(params.org, alertsAsked(deps))),
  component: lazyRouteComponent(() => import('./pages/alerts/Alerts.tsx'), 'Alerts'),
});

const alert = createRoute({
  getParentRoute: () => organization,
  path: 'alerts/$alert',
  validateSearch: searches.alert,
  loader: ({ context, params }) => void context.queries.prefetchQuery(alertQuery(params.org, params.alert)),
  component: lazyRouteComponent(() => import('./pages/alerts/Alert.tsx'), 'Alert'),
});

const alertRules = createRoute({
  getParentRoute: () => organization,
  path: 'alerts/rules',
  loader: ({ context, params }) => void context.queries.prefetchQuery(alertRulesQuery(params.org)),
  component: lazyRouteComponent(() => import('./pages/alert-rules/AlertRules.tsx'), 'AlertRules'),
});

const newAlertRule = createRoute({
  getParentRoute: () => organization,
  path: 'alerts/rules/new',
  validateSearch: searches.newAlertRule,
  component: lazyRouteComponent(() => import('./pages/alert-rules/AlertRule.tsx'), 'NewAlertRule'),
});

const alertRule = createRoute({
  getParentRoute: () => organization,
  path: 'alerts/rules/$rule',
  validateSearch: searches.alert,
  loader: ({ context, params }) => void context.queries.prefetchQuery(alertRulesQuery(params.org)),
  component: lazyRouteComponent(() => import('./pages/alert-rules/AlertRule.tsx'), 'AlertRule'),
});

const maintenance = createRoute({
  getParentRoute: () => organization,
  path: 'alerts/maintenance',
  loader: ({ context, params }) => void context.queries.prefetchQuery(maintenanceQuery(params.org)),
  component: lazyRouteComponent(() => import('./pages/maintenance/Maintenance.tsx'), 'Maintenance'),
});

const commands = createRoute({
  getParentRoute: () => organization,
  path: 'commands',
  validateSearch: searches.commands,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) =>
    void context.queries.prefetchInfiniteQuery(commandsQuery(params.org, askedBy(deps))),
  component: lazyRouteComponent(() => import('./pages/commands/Commands.tsx'), 'Commands'),
});

const integrations = createRoute({
  getParentRoute: () => organization,
  path: 'integrations',
  loader: ({ context, params }) => void context.queries.prefetchQuery(integrationsQuery(params.org)),
  component: lazyRouteComponent(() => import('./pages/integrations/Integrations.tsx'), 'Integrations'),
});

const newIntegration = createRoute({
  getParentRoute: () => organization,
  path: 'integrations/new',
  validateSearch: searches.newIntegration,
  component: lazyRouteComponent(() => import('./pages/new-integration/NewIntegration.tsx'), 'NewIntegration'),
});

const integration = createRoute({
  getParentRoute: () => organization,
  path: 'integrations/$integration',
  loader: ({ context, params }) =>
    void context.queries.prefetchQuery(integrationQuery(params.org, params.integration)),
  component: lazyRouteComponent(() => import('./pages/integration/Integration.tsx'), 'Integration'),
});

const quarantine = createRoute({
  getParentRoute: () => organization,
  path: 'quarantine',
  validateSearch: searches.quarantine,
  component: lazyRouteComponent(() => import('./pages/quarantine/Quarantine.tsx'), 'Quarantine'),
});

const decoder = createRoute({
  getParentRoute: () => organization,
  path: 'decoder',
  validateSearch: searches.decoder,
  component: lazyRouteComponent(() => import('./pages/decoder/Decoder.tsx'), 'Decoder'),
});

const credentials = createRoute({
  getParentRoute: () => organization,
  path: 'credentials',
  validateSearch: searches.credentials,
  component: lazyRouteComponent(() => import('./pages/credentials/Credentials.tsx'), 'Credentials'),
});

const connections = createRoute({
  getParentRoute: () => organization,
  path: 'connections',
  validateSearch: searches.connections,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) =>
    void context.queries.prefetchInfiniteQuery(connectionsQuery(params.org, deps)),
  component: lazyRouteComponent(() => import('./pages/connections/Connections.tsx'), 'Connections'),
});

const notificationChannels = createRoute({
  getParentRoute: () => organization,
  path: 'notification-channels',
  validateSearch: searches.notificationChannels,
  loader: ({ context, params }) => void context.queries.prefetchQuery(notificationChannelsQuery(params.org)),
  component: lazyRouteComponent(
    () => import('./pages/notification-channels/NotificationChannels.tsx'),
    'NotificationChannels',
  ),
});

const usage = createRoute({
  getParentRoute: () => organization,
  path: 'usage',
  loader: ({ context, params }) => void context.queries.prefetchQuery(usageQuery(params.org)),
  component: lazyRouteComponent(() => import('./pages/usage/Usage.tsx'), 'Usage'),
});

const health = createRoute({
  getParentRoute: () => organization,
  path: 'health',
  loader: ({ context, params }) => void context.queries.prefetchQuery(healthQuery(params.org)),
  component: lazyRouteComponent(() => import('./pages/health/Health.tsx'), 'Health'),
});

const members = createRoute({
  getParentRoute: () => organization,
  path: 'members',
  component: lazyRouteComponent(() => import('./pages/members/Members.tsx'), 'Members'),
});

const apiKeys = createRoute({
  getParentRoute: () => organization,
  path: 'api-keys',
  component: lazyRouteComponent(() => import('./pages/api-keys/ApiKeys.tsx'), 'ApiKeys'),
});

const settings = createRoute({
  getParentRoute: () => organization,
  path: 'settings',
  loader: ({ context, params }) => void context.queries.prefetchQuery(organizationQuery(params.org)),
  component: lazyRouteComponent(() => import('./pages/settings/Settings.tsx'), 'Settings'),
});

const tree = root.addChildren([
  home,
  signIn,
  setUp,
  invite,
  welcome,
  organization.addChildren([
    overview,
    connect,
    devices,
    device,
    compare,
    deviceTypes,
    newDeviceType,
    deviceType,
    alerts,
    alert,
    alertRules,
    newAlertRule,
    alertRule,
    maintenance,
    commands,
    integrations,
    newIntegration,
    integration,
    quarantine,
    decoder,
    credentials,
    connections,
    notificationChannels,
    usage,
    health,
    members,
    apiKeys,
    settings,
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: 'intent',
    // Loaders only start queries; the query cache knows what is fresh.
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: PageFailure,
    defaultPendingComponent: PagePending,
    defaultPendingMs: 300,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
