import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { notificationChannelsQuery } from '../../api/notification-queries.ts';
import type { NotificationChannel } from '../../api/types.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { IconPlus, IconSpeakerphone } from '../../components/icons.ts';
import { Page, Panel } from '../../components/Page.tsx';
import { Rows } from '../../components/Rows.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { AddChannel } from './AddChannel.tsx';
import { ChannelRow } from './ChannelRow.tsx';
import { Deliveries } from './Deliveries.tsx';
import { EditChannel } from './EditChannel.tsx';
import { RotateSecret } from './RotateSecret.tsx';

/** Who is told of alerts, and what became of it. */
export function NotificationChannels() {
  const { id: org } = useOrganization();
  const navigate = useNavigate({ from: paths.notificationChannels });
  const query = useQuery(notificationChannelsQuery(org));
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState<NotificationChannel>();
  const [rotating, setRotating] = useState<{ channel: NotificationChannel; opened: boolean }>();
  const [question, setQuestion] = useState<Question>();
  const channels = query.data?.items;
  const add = (
    <GatedButton needs="admin" leftSection={<IconPlus size={17} />} onClick={() => setAdding(true)}>
      Add channel
    </GatedButton>
  );
  const showDeliveries = ({ id: channel }: NotificationChannel) =>
    void navigate({ to: '.', search: { channel }, resetScroll: false });
  return (
    <Page
      title="Notification channels"
      description="Who is told when an alert opens or is over. A rule may name channels; otherwise all are told that take its severity."
      actions={channels?.length ? add : undefined}
    >
      {query.error && (
        <Failure
          what="The channels could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {query.isLoading && <Skeleton height={106} radius={10} />}
      {channels?.length === 0 && (
        <Panel>
          <Empty icon={IconSpeakerphone} title="Nobody is told of alerts yet" action={add}>
            Add e-mail addresses, a channel of Slack or Teams, or a webhook of your own. Alerts arrive there
            within seconds; many at once arrive as one.
          </Empty>
        </Panel>
      )}
      {channels && channels.length > 0 && (
        <>
          <Panel title="Channels" flush>
            <Rows label="Notification channels">
              {channels.map((channel) => (
                <ChannelRow
                  key={channel.id}
                  channel={channel}
                  onQuestion={setQuestion}
                  onEdit={setEditing}
                  onRotate={(chosen) => setRotating({ channel: chosen, opened: true })}
                  onDeliveries={showDeliveries}
                />
              ))}
            </Rows>
          </Panel>
          <Deliveries channels={channels} />
        </>
      )}
      <AddChannel opened={adding} kinds={query.data?.kinds ?? []} onClose={() => setAdding(false)} />
      <EditChannel channel={editing} onClose={() => setEditing(undefined)} />
      {rotating && <RotateSecret {...rotating} onClose={() => setRotating({ ...rotating, opened: false })} />}
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </Page>
  );
}
