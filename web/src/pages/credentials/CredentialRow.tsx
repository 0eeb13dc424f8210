import { ActionIcon, Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client.ts';
import { credentialsQuery } from '../../api/queries.ts';
import type { Credential } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import type { Question } from '../../components/Confirm.tsx';
import {
  type IconBan,
  IconCircleCheck,
  IconClock,
  IconDots,
  IconPlayerPause,
  IconPlugConnected,
  IconRotate,
  IconTrash,
} from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import classes from '../../components/Rows.module.css';
import { Row } from '../../components/Rows.tsx';
import { tell, tellProblem } from '../../components/toasts.ts';
import { useNow } from '../../components/use-now.ts';
import { plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import { type CredentialState, nameOf, stateOf } from './state.ts';

interface Props {
  credential: Credential;
  onQuestion: (question: Question) => void;
  onRotate: (credential: Credential) => void;
}

export function CredentialRow({ credential, onQuestion, onRotate }: Props) {
  const { id: org } = useOrganization();
  const now = useNow();
  const mayManage = usePermission('admin').allowed;
  const state = stateOf(credential, now);
  const { device_id, external_device_id, live_connections } = credential;
  return (
    <Row
      title={nameOf(credential)}
      detail={
        <>
          {credential.label && <code>{credential.username}</code>}
          {device_id ? (
            <AnchorLink to={paths.device} params={{ org, device: device_id }} inherit>
              {external_device_id}
            </AnchorLink>
          ) : (
            <span>every device</span>
          )}
          <span>
            last used <Ago at={credential.last_used_at} />
          </span>
        </>
      }
      actions={
        <>
          {live_connections > 0 && (
            <span className={classes.state}>
              <IconPlugConnected size={16} stroke={1.9} aria-hidden />
              {plural(live_connections, 'connection')}
            </span>
          )}
          <State state={state} expiresAt={credential.expires_at} />
          {mayManage && <Actions credential={credential} onQuestion={onQuestion} onRotate={onRotate} />}
        </>
      }
    />
  );
}

const states = {
  active: { icon: IconCircleCheck, word: 'Active' },
  expiring: { icon: IconClock, word: 'Expires' },
  expired: { icon: IconClock, word: 'Expired' },
  disabled: { icon: IconPlayerPause, word: 'Disabled' },
} satisfies Record<CredentialState, { icon: typeof IconBan; word: string }>;

function State({ state, expiresAt }: { state: CredentialState; expiresAt: string | null }) {
  const { icon: Icon, word } = states[state];
  return (
    <span className={classes.state}>
      <Icon size={16} stroke={1.9} aria-hidden />
      {word} {state === 'expiring' && <Ago at={expiresAt} />}
    </span>
  );
}

function Actions({ credential, onQuestion, onRotate }: Props) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const name = nameOf(credential);
  const params = { path: { org, credential: credential.id } };
  const refresh = () => queries.invalidateQueries({ queryKey: credentialsQuery(org).queryKey });
  const closed =
    credential.live_connections === 0
      ? 'Nobody is connected with it now.'
      : `${plural(credential.live_connections, 'live connection')} will be closed.`;

  const setDisabled = async (disabled: boolean) => {
    await answer(
      api.PATCH('/api/v1/organizations/{org}/credentials/{credential}', { params, body: { disabled } }),
    );
    await refresh();
    tell(`${name} is ${disabled ? 'disabled' : 'enabled'}`);
  };
  const askToDisable = () =>
    onQuestion({
      title: `Disable ${name}?`,
      text: `${closed} It can be enabled again.`,
      verb: 'Disable',
      act: () => setDisabled(true),
    });
  const askToDelete = () =>
    onQuestion({
      title: `Delete ${name}?`,
      text: `${closed} Devices that use it can’t connect any more. Readings stay.`,
      verb: 'Delete credential',
      danger: true,
      act: async () => {
        await answer(api.DELETE('/api/v1/organizations/{org}/credentials/{credential}', { params }));
        await refresh();
        tell(`${name} is deleted`);
      },
    });

  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconRotate size={16} />} onClick={() => onRotate(credential)}>
          Rotate
        </Menu.Item>
        {credential.disabled_at ? (
          <Menu.Item
            leftSection={<IconCircleCheck size={16} />}
            onClick={() => setDisabled(false).catch((error) => tellProblem('It was not enabled', error))}
          >
            Enable
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={askToDisable}>
            Disable
          </Menu.Item>
        )}
        <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={askToDelete}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
