import { Modal, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../../api/client.ts';
import { deviceQuery } from '../../api/queries.ts';
import type { Device } from '../../api/types.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { useSubmit } from '../../components/use-submit.ts';
import { useOrganization } from '../../session/session.ts';
import { TagsField } from '../../tags/TagsField.tsx';
import { TypeChoice } from '../device-types/TypeChoice.tsx';

interface Props {
  device: Device;
  opened: boolean;
  onClose: () => void;
}

/** What a device is called, what type it is of and what it is tagged with. */
export function EditDevice({ device, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Edit device" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Fields device={device} onClose={onClose} />
    </Modal>
  );
}

function Fields({ device, onClose }: Omit<Props, 'opened'>) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [name, setName] = useState(device.name);
  const [type, setType] = useState(device.device_type_id);
  const [tags, setTags] = useState<readonly string[]>(device.tags);
  const { submit, busy, problem, fields } = useSubmit(async () => {
    const params = { path: { org, device: device.id } };
    const body = { name: name.trim(), device_type_id: type, tags: [...tags] };
    const changed = await answer(api.PATCH('/api/v1/organizations/{org}/devices/{device}', { params, body }));
    queries.setQueryData(deviceQuery(org, device.id).queryKey, changed);
    for (const stale of ['devices', 'device-types', 'tags'])
      void queries.invalidateQueries({ queryKey: [org, stale] });
    onClose();
  });
  return (
    <DialogForm
      verb="Save"
      busy={busy}
      problem={problem}
      onSubmit={() => void submit(undefined)}
      onCancel={onClose}
    >
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
      <TypeChoice type={type} onChoose={setType} />
      <TagsField label="Tags" tags={tags} onChange={setTags} error={fields.tags} />
    </DialogForm>
  );
}
