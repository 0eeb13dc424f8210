import type { NotificationChannel, NotificationDelivery } from '../api/types.ts';

export type DeliveryState = NotificationDelivery['state'];
export const deliveryStates: readonly DeliveryState[] = ['pending', 'sent', 'dead'];

/** What has become of a notification, in a word. One that failed before is tried again. */
export function stateWord({ state, attempts }: { state: DeliveryState; attempts: number }): string {
  if (state === 'sent') return 'Arrived';
  if (state === 'dead') return 'Given up';
  return attempts > 0 ? 'Trying again' : 'On its way';
}

/** How it goes with a channel. */
export function channelHealth(
  channel: Pick<NotificationChannel, 'enabled' | 'last_delivery'>,
): 'off' | 'new' | 'good' | 'failing' | 'bad' {
  const { enabled, last_delivery: last } = channel;
  if (!enabled) return 'off';
  if (!last) return 'new';
  if (last.state === 'sent') return 'good';
  return last.state === 'dead' ? 'bad' : last.last_error === null ? 'good' : 'failing';
}
