import { Button, Group, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import type { Device } from '../../api/types.ts';
import { declaredFor } from '../../commands/draft.ts';
import { useCommandActions } from '../../commands/use-command-actions.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { IconCircleCheck } from '../../components/icons.ts';
import { ButtonLink } from '../../components/links.tsx';
import { plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { CommandFields } from '../commands/form/CommandFields.tsx';
import { useCommandForm } from '../commands/form/use-command-form.ts';
import classes from './Devices.module.css';
import { namesOf } from './names.ts';

interface Props {
  devices: Device[];
  opened: boolean;
  onClose: () => void;
}

interface Sent {
  name: string;
  count: number;
}

/** The same command to each of several devices. Nothing but a button closes it while it is typed. */
export function SendToMany({ devices, opened, onClose }: Props) {
  const [sent, setSent] = useState<Sent>();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => setSent(undefined)}
      title={sent ? 'On its way' : `Send a command to ${plural(devices.length, 'device')}`}
      closeOnClickOutside={sent !== undefined}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {sent ? (
        <Done sent={sent} onClose={onClose} />
      ) : (
        <Fields devices={devices} onSent={setSent} onClose={onClose} />
      )}
    </Modal>
  );
}

function Fields({ devices, onSent, onClose }: Omit<Props, 'opened'> & { onSent: (sent: Sent) => void }) {
  const { id: org } = useOrganization();
  const { data: types } = useQuery(deviceTypesQuery(org));
  const { sendToMany } = useCommandActions();
  const form = useCommandForm(declaredFor(devices, types), async (body) => {
    const made = await sendToMany({ devices: devices.map(({ id }) => id), body });
    onSent({ name: body.name, count: made.length });
  });
  const isMixed = new Set(devices.map(({ device_type_id }) => device_type_id)).size > 1;
  return (
    <DialogForm
      verb={`Send to ${plural(devices.length, 'device')}`}
      busy={form.busy}
      problem={form.problem}
      onSubmit={form.onSubmit}
      onCancel={onClose}
    >
      <p className={classes.to}>
        To {namesOf(devices)}. {isMixed && 'They are not of one type, so it takes a name and JSON.'}
      </p>
      <CommandFields form={form} />
    </DialogForm>
  );
}

function Done({ sent: { name, count }, onClose }: { sent: Sent; onClose: () => void }) {
  const { id: org } = useOrganization();
  return (
    <>
      <p className={classes.done} role="status">
        <IconCircleCheck size={18} stroke={1.9} aria-hidden />
        <span>
          <strong>{name}</strong> is on its way to {plural(count, 'device')}. Devices that are away get it on
          their return.
        </span>
      </p>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose}>
          Done
        </Button>
        <ButtonLink to={paths.commands} params={{ org }} search={{ name }} data-autofocus>
          See what becomes of it
        </ButtonLink>
      </Group>
    </>
  );
}
