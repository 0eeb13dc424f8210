import { Button, Group, Modal, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api, idempotent } from '../../api/client.ts';
import { credentialsQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import { FormProblem } from '../../components/FormProblem.tsx';
import type { Secret } from '../../components/OnceShown.tsx';
import { useSubmit } from '../../components/use-submit.ts';
import { useOrganization } from '../../session/session.ts';

const lifetimes = [
  { value: '', label: 'No expiry' },
  { value: '1', label: '1 day' },
  { value: '30', label: '30 days' },
  { value: '365', label: '1 year' },
];

interface Props {
  opened: boolean;
  onClose: () => void;
  onSecret: (secret: Secret) => void;
}

/** A credential for the organization, or for the one device that is named. */
export function CreateCredential({ opened, onClose, onSecret }: Props) {
  const organization = useOrganization();
  const org = organization.id;
  const queries = useQueryClient();
  const [label, setLabel] = useState('');
  const [device, setDevice] = useState('');
  const [days, setDays] = useState('');
  const { submit, busy, problem, fields } = useSubmit(async () => {
    const made = await answer(
      api.POST('/api/v1/organizations/{org}/credentials', {
        params: { path: { org }, header: idempotent() },
        body: {
          label: label.trim(),
          external_device_id: device.trim() || undefined,
          expires_at: days ? new Date(serverNow() + Number(days) * 86_400_000).toISOString() : undefined,
        },
      }),
    );
    onClose();
    setLabel('');
    setDevice('');
    onSecret(secretOf('The credential', made));
    await queries.invalidateQueries({ queryKey: credentialsQuery(org).queryKey });
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(undefined);
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Create credential"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={onSubmit} style={{ display: 'grid', gap: 14 }}>
        <TextInput
          label="Label"
          description="What you will know it by"
          maxLength={100}
          value={label}
          error={fields.label}
          onChange={(event) => setLabel(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label="Device id"
          description={`For one device only; every device of ${organization.name} if it is empty`}
          maxLength={128}
          spellCheck={false}
          autoComplete="off"
          value={device}
          error={fields.external_device_id}
          onChange={(event) => setDevice(event.currentTarget.value)}
        />
        <Select
          label="Expires"
          data={lifetimes}
          value={days}
          allowDeselect={false}
          onChange={(chosen) => setDays(chosen ?? '')}
        />
        <FormProblem problem={problem} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            Create credential
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** What is shown of a new credential, this once. */
export function secretOf(
  title: string,
  made: { username: string; password: string; topic_prefix: string },
): Secret {
  return {
    title,
    values: [
      { label: 'User name', value: made.username },
      { label: 'Password', value: made.password },
      { label: 'Topic prefix', value: made.topic_prefix },
    ],
    warning: 'The password is shown only now. If it gets lost, rotate the credential.',
  };
}
