import type { PlatformHealth } from '../../api/types.ts';

export type RoleName = PlatformHealth['missing_roles'][number];

/** The roles of processes, for people: what each does, and what doesn't happen while there is none. */
export const roleWords: Record<RoleName, { name: string; does: string; missing: string }> = {
  gateway: {
    name: 'Gateway',
    does: 'lets devices in',
    missing: 'Devices can’t connect to the hosted broker.',
  },
  engine: {
    name: 'Engine',
    does: 'runs the broker behind the gateways',
    missing: 'Devices can’t connect to the hosted broker.',
  },
  worker: {
    name: 'Worker',
    does: 'sends commands, judges presence, keeps house',
    missing: 'Commands wait, and nobody notices that a device falls silent.',
  },
  subscriber: {
    name: 'Subscriber',
    does: 'reads from your own brokers',
    missing: 'Brokers of your own that we subscribe to are not read.',
  },
  api: {
    name: 'API',
    does: 'answers the dashboard, programs and webhooks',
    missing: 'The dashboard and the API are served elsewhere.',
  },
};
