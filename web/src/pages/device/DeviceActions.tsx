import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../../api/client.ts';
import { deviceQuery } from '../../api/queries.ts';
import type { Device } from '../../api/types.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { FormProblem } from '../../components/FormProblem.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { IconKey, IconPencil, IconTrash } from '../../components/icons.ts';
import { tell } from '../../components/toasts.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';

/** What can be done with a device. */
export function DeviceActions({ device }: { device: Device }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [renaming, setRenaming] = useState(false);
  const [question, setQuestion] = useState<Question>();
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
      <GatedButton
        needs="admin"
        variant="default"
        leftSection={<IconKey size={16} />}
        onClick={() =>
          void navigate({ to: paths.connect, params: { org }, search: { device: device.external_device_id } })
        }
      >
        New credential
      </GatedButton>
      <GatedButton
        needs="member"
        variant="default"
        leftSection={<IconPencil size={16} />}
        onClick={() => setRenaming(true)}
      >
        Rename
      </GatedButton>
      <GatedButton
        needs="member"
        variant="default"
        leftSection={<IconTrash size={16} />}
        onClick={askToDelete}
      >
        Delete
      </GatedButton>
      <Rename device={device} opened={renaming} onClose={() => setRenaming(false)} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}

function Rename({ device, opened, onClose }: { device: Device; opened: boolean; onClose: () => void }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [name, setName] = useState(device.name);
  const { submit, busy, problem, fields } = useSubmit(async (changed: string) => {
    const params = { path: { org, device: device.id } };
    const body = { name: changed };
    const renamed = await answer(api.PATCH('/api/v1/organizations/{org}/devices/{device}', { params, body }));
    queries.setQueryData(deviceQuery(org, device.id).queryKey, renamed);
    void queries.invalidateQueries({ queryKey: [org, 'devices'] });
    onClose();
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(name.trim());
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Rename device"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={onSubmit}>
        <TextInput
          label="Name"
          description={`Its topics keep ${device.external_device_id}`}
          value={name}
          maxLength={200}
          required
          withAsterisk={false}
          error={fields.name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <FormProblem problem={problem} />
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            Rename
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
