import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api, idempotent } from '../../api/client.ts';
import { credentialsQuery } from '../../api/queries.ts';
import type { Device } from '../../api/types.ts';
import { CodeBlock } from '../../components/CodeBlock.tsx';
import { DialogForm } from '../../components/DialogForm.tsx';
import { IconDownload } from '../../components/icons.ts';
import { endOf, Lifetime } from '../../components/Lifetime.tsx';
import { Notice } from '../../components/Notice.tsx';
import { saveFile } from '../../components/save-file.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { plural } from '../../format/value.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Devices.module.css';
import { namesOf } from './names.ts';

interface Props {
  devices: Device[];
  opened: boolean;
  onClose: () => void;
}

/** A credential for each of several devices. Nothing but a button closes it once their passwords could get lost. */
export function CreateCredentials({ devices, opened, onClose }: Props) {
  const [table, setTable] = useState<string>();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => setTable(undefined)}
      title={table ? 'The new credentials' : `Credentials for ${plural(devices.length, 'device')}`}
      size={table ? 'lg' : 'md'}
      closeOnClickOutside={!table}
      closeOnEscape={!table}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {table ? (
        <OnceShown table={table} onDone={onClose} />
      ) : (
        <Fields devices={devices} onMade={setTable} onClose={onClose} />
      )}
    </Modal>
  );
}

function Fields({ devices, onMade, onClose }: Omit<Props, 'opened'> & { onMade: (table: string) => void }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [label, setLabel] = useState('');
  const [days, setDays] = useState('');
  const { submit, busy, problem, fields } = useSubmit(async () => {
    const made = await answer(
      api.POST('/api/v1/organizations/{org}/credentials/batch', {
        params: { path: { org }, query: { format: 'csv' }, header: idempotent() },
        body: {
          external_device_ids: devices.map(({ external_device_id }) => external_device_id),
          label: label.trim(),
          expires_at: endOf(days),
        },
        parseAs: 'text',
      }),
    );
    void queries.invalidateQueries({ queryKey: credentialsQuery(org).queryKey });
    onMade(made);
  });
  return (
    <DialogForm
      verb={`Create ${plural(devices.length, 'credential')}`}
      busy={busy}
      problem={problem}
      onSubmit={() => void submit(undefined)}
      onCancel={onClose}
    >
      <p className={classes.to}>
        Each of {namesOf(devices)} gets one of its own, which reaches its topics and nothing else. Those that
        they have stay.
      </p>
      <TextInput
        label="Label"
        description="Without one each is called by its device"
        placeholder="Batch 7"
        maxLength={100}
        value={label}
        error={fields.label}
        onChange={(event) => setLabel(event.currentTarget.value)}
        data-autofocus
      />
      <Lifetime days={days} onChange={setDays} />
    </DialogForm>
  );
}

function OnceShown({ table, onDone }: { table: string; onDone: () => void }) {
  const count = table.trim().split('\n').length - 1;
  const save = () => saveFile('credentials.csv', new Blob([table], { type: 'text/csv' }));
  return (
    <div className={classes.once}>
      <CodeBlock
        code={table.trim()}
        label={plural(count, 'credential')}
        bar={<span className={classes.barLabel}>CSV</span>}
        actions={
          <Button size="xs" variant="default" leftSection={<IconDownload size={16} />} onClick={save}>
            Download
          </Button>
        }
      />
      <Notice kind="warn" role="status">
        The passwords are shown only now. Download or copy them to where the devices get them; if one gets
        lost, rotate its credential.
      </Notice>
      <Group justify="flex-end">
        <Button onClick={onDone}>Done</Button>
      </Group>
    </div>
  );
}
