import { Button, Group, Modal, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api, idempotent } from '../../api/client.ts';
import { apiKeysQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import { CodeBlock } from '../../components/CodeBlock.tsx';
import { FormProblem } from '../../components/FormProblem.tsx';
import { OnceShown, type Secret } from '../../components/OnceShown.tsx';
import { useSubmit } from '../../components/use-submit.ts';
import { useOrganization } from '../../session/session.ts';

type KeyRole = 'admin' | 'member' | 'viewer';

const lifetimes = [
  { value: '', label: 'No expiry' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
];

/** Makes a key and shows it once, with a command that tries it. */
export function CreateApiKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<KeyRole>('viewer');
  const [days, setDays] = useState('');
  const [secret, setSecret] = useState<Secret>();
  const { submit, busy, problem, fields } = useSubmit(async () => {
    const expires_at = days ? new Date(serverNow() + Number(days) * 86_400_000).toISOString() : undefined;
    const { key } = await answer(
      api.POST('/api/v1/organizations/{org}/api-keys', {
        params: { path: { org }, header: idempotent() },
        body: { name: name.trim(), role, expires_at },
      }),
    );
    onClose();
    setName('');
    setSecret(secretOf(key, org));
    await queries.invalidateQueries({ queryKey: apiKeysQuery(org).queryKey });
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(undefined);
  };
  return (
    <>
      <Modal
        opened={opened}
        onClose={onClose}
        title="Create API key"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={onSubmit} style={{ display: 'grid', gap: 14 }}>
          <TextInput
            label="Name"
            description="The program that will use it"
            required
            withAsterisk={false}
            maxLength={100}
            value={name}
            error={fields.name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <Select
            label="Role"
            data={[
              { value: 'viewer', label: 'Viewer: reads' },
              { value: 'member', label: 'Member: works with devices' },
              { value: 'admin', label: 'Admin: manages credentials and people' },
            ]}
            value={role}
            allowDeselect={false}
            onChange={(chosen) => setRole(chosen as KeyRole)}
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
              Create key
            </Button>
          </Group>
        </form>
      </Modal>
      <OnceShown secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}

function secretOf(key: string, org: string): Secret {
  const command = `curl ${window.location.origin}/api/v1/organizations/${org}/devices \\\n  -H 'Authorization: Bearer ${key}'`;
  return {
    title: 'The API key',
    values: [{ label: 'Key', value: key }],
    warning:
      'It is shown only now. Copy it to where the program keeps its secrets; if it gets lost, revoke it and create another.',
    more: <CodeBlock code={command} label="curl command" />,
  };
}
