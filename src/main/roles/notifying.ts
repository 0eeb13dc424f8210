import { Notifier } from '../../alerts/notify/notifier.ts';
import { channelSender, type Send } from '../../alerts/notify/send.ts';
import type { Foundation, Role } from '../foundation.ts';
import type { External } from './external.ts';

/** What tells people of alerts. */
export interface Notifying extends Role {
  /** To any channel; the API tries them with it. */
  send: Send;
  /** Where they are told. */
  notifier: Notifier | undefined;
}

/**
 * A worker sends what there is to tell; of several one does.
 * @param dashboard where people find it
 */
export function notifyingOf(
  foundation: Foundation,
  { external, dashboard }: { external: External; dashboard: () => string },
): Notifying {
  const { seal, lookup } = external;
  const { id, isAlone, roles, config, log, clock, database } = foundation;
  const send = channelSender({
    seal,
    lookup,
    clock,
    mail: config.mail,
    publicUrl: dashboard,
  });
  const notifier = roles.has('worker')
    ? new Notifier({ pool: database.pool, log, id, isAlone, clock, send })
    : undefined;
  return { send, notifier, services: notifier ? [notifier] : [] };
}
