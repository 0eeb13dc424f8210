import { ActionIcon, Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { answer, api } from '../../api/client.ts';
import { credentialsQuery } from '../../api/queries.ts';
import type { Credential } from '../../api/types.ts';
import type { Question } from '../../components/Confirm.tsx';
import {
  IconActivity,
  IconCircleCheck,
  IconDots,
  IconPlayerPause,
  IconPlugConnected,
  IconRotate,
  IconTrash,
} from '../../components/icons.ts';
import { tell, tellProblem } from '../../components/toasts.ts';
import { plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';

interface Props {
  credential: Credential;
  name: string;
  onQuestion: (question: Question) => void;
  onRotate: () => void;
}

/** What can be done with a credential: who may not change it can still follow it. */
export function CredentialMenu({ credential, name, onQuestion, onRotate }: Props) {
  const { id: org } = useOrganization();
  const navigate = useNavigate({ from: paths.credentials });
  const mayManage = usePermission('admin').allowed;
  const { setDisabled, remove } = useChanges(credential, name);
  const button = useRef<HTMLButtonElement>(null);
  // A dialog gives the focus back to what had it: the button, for the menu is gone by then.
  const fromButton = (act: () => void) => () => {
    button.current?.focus();
    act();
  };
  const closes = whatCloses(credential);
  const askToDisable = () =>
    onQuestion({
      title: `Disable ${name}?`,
      text: `${closes} Nobody can connect with it until you enable it again.`,
      verb: 'Disable credential',
      act: () => setDisabled(true),
    });
  const askToDelete = () =>
    onQuestion({
      title: `Delete ${name}?`,
      text: `${closes} Devices that use it can’t connect any more. What they have sent stays.`,
      verb: 'Delete credential',
      danger: true,
      act: remove,
    });
  const enable = () =>
    void setDisabled(false).catch((error) => tellProblem(`${name} is still disabled`, error));
  const showActivity = () =>
    void navigate({
      to: '.',
      search: (before) => ({ ...before, activity: credential.id }),
      resetScroll: false,
    });
  const tryIt = () =>
    void navigate({ to: paths.connect, params: { org }, search: { credential: credential.id } });

  return (
    <Menu position="bottom-end" shadow="md" width={200}>
      <Menu.Target>
        <ActionIcon ref={button} variant="subtle" color="gray" aria-label={`Actions for ${name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconActivity size={16} />} onClick={fromButton(showActivity)}>
          Show its activity
        </Menu.Item>
        {!credential.disabled_at && (
          <Menu.Item leftSection={<IconPlugConnected size={16} />} onClick={tryIt}>
            Connect a device
          </Menu.Item>
        )}
        {mayManage && (
          <>
            <Menu.Divider />
            {credential.disabled_at ? (
              <Menu.Item leftSection={<IconCircleCheck size={16} />} onClick={fromButton(enable)}>
                Enable
              </Menu.Item>
            ) : (
              <>
                <Menu.Item leftSection={<IconRotate size={16} />} onClick={fromButton(onRotate)}>
                  Rotate…
                </Menu.Item>
                <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={fromButton(askToDisable)}>
                  Disable…
                </Menu.Item>
              </>
            )}
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={fromButton(askToDelete)}>
              Delete…
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function whatCloses({ live_connections: live }: Credential): string {
  return live === 0
    ? 'Nobody is connected with it now.'
    : `${plural(live, 'live connection')} will be closed.`;
}

function useChanges(credential: Credential, name: string) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const params = { path: { org, credential: credential.id } };
  const done = async (what: string) => {
    await queries.invalidateQueries({ queryKey: credentialsQuery(org).queryKey });
    tell(`${name} is ${what}`);
  };
  return {
    setDisabled: async (disabled: boolean) => {
      await answer(
        api.PATCH('/api/v1/organizations/{org}/credentials/{credential}', { params, body: { disabled } }),
      );
      await done(disabled ? 'disabled' : 'enabled');
    },
    remove: async () => {
      await answer(api.DELETE('/api/v1/organizations/{org}/credentials/{credential}', { params }));
      await done('deleted');
    },
  };
}
