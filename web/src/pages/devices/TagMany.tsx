import { Modal, MultiSelect } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../../api/client.ts';
import type { Device } from '../../api/types.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { tell } from '../../components/toasts.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { plural } from '../../format/value.ts';
import { useOrganization } from '../../session/session.ts';
import { TagsField } from '../../tags/TagsField.tsx';
import classes from './Devices.module.css';
import { namesOf } from './names.ts';

interface Props {
  devices: Device[];
  opened: boolean;
  onClose: () => void;
  /** As they are now. */
  onTagged: (devices: Device[]) => void;
}

/** Adds tags to several devices and takes others off. */
export function TagMany({ devices, opened, onClose, onTagged }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Tags of ${plural(devices.length, 'device')}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Fields devices={devices} onClose={onClose} onTagged={onTagged} />
    </Modal>
  );
}

function Fields({ devices, onClose, onTagged }: Omit<Props, 'opened'>) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const [missing, setMissing] = useState(false);
  const there = [...new Set(devices.flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b));
  const { submit, busy, problem } = useSubmit(async () => {
    const body = { device_ids: devices.map(({ id }) => id), add, remove };
    const params = { path: { org } };
    const { items } = await answer(api.POST('/api/v1/organizations/{org}/devices/tags', { params, body }));
    const tagsOf = new Map(items.map(({ id, tags }) => [id, tags]));
    onTagged(devices.map((device) => ({ ...device, tags: tagsOf.get(device.id) ?? device.tags })));
    for (const stale of ['devices', 'device', 'tags'])
      void queries.invalidateQueries({ queryKey: [org, stale] });
    tell(`${plural(items.length, 'device has', 'devices have')} other tags now`);
    onClose();
  });
  const isNothing = add.length + remove.length === 0;
  return (
    <DialogForm
      verb="Change tags"
      busy={busy}
      problem={problem}
      onSubmit={() => (isNothing ? setMissing(true) : void submit(undefined))}
      onCancel={onClose}
    >
      <p className={classes.to}>Of {namesOf(devices)}.</p>
      <TagsField
        label="Add"
        tags={add}
        onChange={setAdd}
        error={missing && isNothing ? 'Name a tag to add or to remove' : undefined}
      />
      {there.length > 0 && (
        <MultiSelect
          label="Remove"
          placeholder={remove.length === 0 ? 'Choose tags' : undefined}
          data={there}
          value={remove}
          searchable
          onChange={setRemove}
        />
      )}
    </DialogForm>
  );
}
