import { ActionIcon, Button, Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { answer, api } from '../../api/client.ts';
import { deviceQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import type { Device } from '../../api/types.ts';
import { spanOf } from '../../charts/range.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import {
  IconChartLine,
  IconDots,
  IconDownload,
  IconKey,
  IconPencil,
  IconTrash,
} from '../../components/icons.ts';
import { ButtonLink } from '../../components/links.tsx';
import { tell } from '../../components/toasts.ts';
import { ExportReadings } from '../../exports/ExportReadings.tsx';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import { EditDevice } from './EditDevice.tsx';

/** What can be done with a device. */
export function DeviceActions({ device }: { device: Device }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const search = useSearch({ from: paths.device });
  const [editing, setEditing] = useState(false);
  const [exported, setExported] = useState<{ from: number; to: number }>();
  const [question, setQuestion] = useState<Question>();
  const toConnect = usePermission('admin');
  const toDelete = usePermission('member');
  const more = useRef<HTMLButtonElement>(null);
  const path = { org, device: device.id };

  const askToDelete = () =>
    setQuestion({
      title: `Delete ${device.name}?`,
      text: 'Its readings, its last messages and the credentials that are its own are deleted, and their connections closed. If it publishes again with another credential, it is registered anew.',
      verb: 'Delete device',
      danger: true,
      act: async () => {
        await answer(api.DELETE('/api/v1/organizations/{org}/devices/{device}', { params: { path } }));
        await navigate({ to: paths.devices, params: { org } });
        queries.removeQueries({ queryKey: deviceQuery(org, device.id).queryKey });
        await queries.invalidateQueries({ queryKey: [org] });
        tell(`${device.name} is deleted`);
      },
    });

  return (
    <>
      <ButtonLink
        to={paths.compare}
        params={{ org }}
        search={{ devices: [device.id], ...search }}
        variant="default"
        leftSection={<IconChartLine size={16} />}
      >
        Compare with…
      </ButtonLink>
      <Button
        variant="default"
        leftSection={<IconDownload size={16} />}
        onClick={() => setExported(spanOf(search, serverNow()))}
      >
        Export…
      </Button>
      <GatedButton
        needs="member"
        variant="default"
        leftSection={<IconPencil size={16} />}
        onClick={() => setEditing(true)}
      >
        Edit
      </GatedButton>
      <Menu position="bottom-end" shadow="md" width={190}>
        <Menu.Target>
          <ActionIcon ref={more} variant="default" size={36} aria-label="More actions">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconKey size={16} />}
            disabled={!toConnect.allowed}
            title={toConnect.why || undefined}
            onClick={() =>
              void navigate({
                to: paths.connect,
                params: { org },
                search: { device: device.external_device_id },
              })
            }
          >
            New credential
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} />}
            disabled={!toDelete.allowed}
            title={toDelete.why || undefined}
            onClick={() => {
              // A dialog gives the focus back to what had it: the button, for the menu is gone by then.
              more.current?.focus();
              askToDelete();
            }}
          >
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ExportReadings devices={[device]} span={exported} onClose={() => setExported(undefined)} />
      <EditDevice device={device} opened={editing} onClose={() => setEditing(false)} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}
