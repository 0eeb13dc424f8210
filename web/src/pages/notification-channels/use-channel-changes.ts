import { useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client.ts';
import { notificationChannelsQuery } from '../../api/notification-queries.ts';
import type { NotificationChannel, UpdateNotificationChannel } from '../../api/types.ts';
import { useOrganization } from '../../session/session.ts';

/** What can be changed of a channel. Each resolves when the list shows it. */
export function useChannelChanges({ id: channel }: NotificationChannel) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const params = { path: { org, channel } };
  const path = '/api/v1/organizations/{org}/notification-channels/{channel}';
  const shown = () => queries.invalidateQueries({ queryKey: notificationChannelsQuery(org).queryKey });
  return {
    change: async (body: UpdateNotificationChannel) => {
      await answer(api.PATCH(path, { params, body }));
      await shown();
    },
    remove: async () => {
      await answer(api.DELETE(path, { params }));
      await shown();
      await queries.invalidateQueries({ queryKey: [org, 'notification-deliveries'] });
    },
    rotate: async () => (await answer(api.POST(`${path}/rotate-secret`, { params }))).signing_secret,
    test: () => answer(api.POST(`${path}/test`, { params })),
  };
}
