import { Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../../api/client.ts';
import type { Device } from '../../api/types.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { tell } from '../../components/toasts.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { plural } from '../../format/value.ts';
import { useOrganization } from '../../session/session.ts';
import { TypeChoice } from '../device-types/TypeChoice.tsx';
import classes from './Devices.module.css';
import { namesOf } from './names.ts';

interface Props {
  devices: Device[];
  opened: boolean;
  onClose: () => void;
  /** Those that were changed, as they are now; some may be when the rest was refused. */
  onSet: (devices: Device[]) => void;
}

/** Requests under way at once: the rest of the page wants to ask things too. */
const together = 4;

/** Says of several devices what type they are of. */
export function SetType({ devices, opened, onClose, onSet }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Type of ${plural(devices.length, 'device')}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Fields devices={devices} onClose={onClose} onSet={onSet} />
    </Modal>
  );
}

function Fields({ devices, onClose, onSet }: Omit<Props, 'opened'>) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const types = new Set(devices.map(({ device_type_id }) => device_type_id));
  // Of several types none is the one to begin with: it would be theirs by a slip.
  const [type, setType] = useState(types.size === 1 ? devices[0]?.device_type_id : undefined);
  const [missing, setMissing] = useState(false);
  const { submit, busy, problem } = useSubmit(async (chosen: string | null) => {
    const set: Device[] = [];
    const waiting = [...devices];
    const next = async () => {
      for (let device = waiting.shift(); device; device = waiting.shift()) {
        const params = { path: { org, device: device.id } };
        const body = { device_type_id: chosen };
        set.push(await answer(api.PATCH('/api/v1/organizations/{org}/devices/{device}', { params, body })));
      }
    };
    try {
      await Promise.all(Array.from({ length: together }, next));
      tell(`${plural(set.length, 'device is', 'devices are')} of ${chosen ? 'the type' : 'no type'} now`);
      onClose();
    } finally {
      waiting.length = 0;
      onSet(set);
      for (const stale of ['devices', 'device', 'device-types'])
        void queries.invalidateQueries({ queryKey: [org, stale] });
    }
  });
  return (
    <DialogForm
      verb="Set type"
      busy={busy}
      problem={problem}
      onSubmit={() => (type === undefined ? setMissing(true) : void submit(type))}
      onCancel={onClose}
    >
      <p className={classes.to}>Of {namesOf(devices)}.</p>
      <TypeChoice
        type={type}
        onChoose={setType}
        error={missing && type === undefined ? 'Choose one, or that they have none' : undefined}
      />
    </DialogForm>
  );
}
