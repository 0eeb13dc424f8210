import { ActionIcon, Menu } from '@mantine/core';
import { useRef } from 'react';
import type { NotificationChannel } from '../../api/types.ts';
import type { Question } from '../../components/Confirm.tsx';
import {
  IconActivity,
  IconCircleCheck,
  IconDots,
  IconPencil,
  IconPlayerPause,
  IconRotate,
  IconTrash,
} from '../../components/icons.ts';
import { tell, tellProblem } from '../../components/toasts.ts';
import { plural } from '../../format/value.ts';
import { usePermission } from '../../session/session.ts';
import { useChannelChanges } from './use-channel-changes.ts';

export interface MenuActions {
  onQuestion: (question: Question) => void;
  onEdit: (channel: NotificationChannel) => void;
  onRotate: (channel: NotificationChannel) => void;
  onDeliveries: (channel: NotificationChannel) => void;
}

/** What can be done with a channel. */
export function ChannelMenu({ channel, ...actions }: { channel: NotificationChannel } & MenuActions) {
  const { name } = channel;
  const mayManage = usePermission('admin').allowed;
  const { change, remove } = useChannelChanges(channel);
  const button = useRef<HTMLButtonElement>(null);
  // A dialog gives the focus back to what had it: the button, for the menu is gone by then.
  const fromButton = (act: () => void) => () => {
    button.current?.focus();
    act();
  };
  const turn = (enabled: boolean) =>
    void change({ enabled })
      .then(() => tell(`${name} is ${enabled ? 'on' : 'off'}`))
      .catch((error) => tellProblem(`${name} is still ${enabled ? 'off' : 'on'}`, error));
  const askToDelete = () =>
    actions.onQuestion({
      title: `Delete ${name}?`,
      text: consequences(channel),
      verb: 'Delete channel',
      danger: true,
      act: async () => {
        await remove();
        tell(`${name} is deleted`);
      },
    });
  return (
    <Menu position="bottom-end" shadow="md" width={210}>
      <Menu.Target>
        <ActionIcon ref={button} variant="subtle" color="gray" aria-label={`Actions for ${name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconActivity size={16} />}
          onClick={fromButton(() => actions.onDeliveries(channel))}
        >
          Show its deliveries
        </Menu.Item>
        {mayManage && (
          <>
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconPencil size={16} />}
              onClick={fromButton(() => actions.onEdit(channel))}
            >
              Edit…
            </Menu.Item>
            {channel.kind === 'webhook' && (
              <Menu.Item
                leftSection={<IconRotate size={16} />}
                onClick={fromButton(() => actions.onRotate(channel))}
              >
                New signing secret…
              </Menu.Item>
            )}
            <Menu.Item
              leftSection={channel.enabled ? <IconPlayerPause size={16} /> : <IconCircleCheck size={16} />}
              onClick={fromButton(() => turn(!channel.enabled))}
            >
              {channel.enabled ? 'Switch off' : 'Switch on'}
            </Menu.Item>
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={fromButton(askToDelete)}>
              Delete…
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function consequences({ rules, pending }: NotificationChannel): string {
  const waiting = pending > 0 ? ` ${plural(pending, 'notification')} on the way will not be sent.` : '';
  const named =
    rules > 0
      ? ` ${plural(rules, 'rule')} that ${rules === 1 ? 'names' : 'name'} it will tell the others that they name, or else every channel that takes their severity.`
      : '';
  return `Nobody is told by it any more.${named}${waiting}`;
}
