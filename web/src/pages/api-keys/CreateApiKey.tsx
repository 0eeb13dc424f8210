import { Anchor, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api, idempotent } from '../../api/client.ts';
import { apiKeysQuery } from '../../api/queries.ts';
import { CodeBlock } from '../../components/CodeBlock.tsx';
import { DialogForm } from '../../components/DialogForm.tsx';
import { endOf, Lifetime } from '../../components/Lifetime.tsx';
import { type Secret, SecretDialog, type SecretForm } from '../../components/SecretDialog.tsx';
import { useOrganization } from '../../session/session.ts';

const keyRoles = [
  { value: 'viewer', label: 'Viewer: reads devices, telemetry and activity' },
  { value: 'member', label: 'Member: works with devices as well' },
  { value: 'admin', label: 'Admin: manages credentials, people and keys as well' },
] as const;
type KeyRole = (typeof keyRoles)[number]['value'];

/** Makes a key and shows it once, with a command that tries it. */
export function CreateApiKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <SecretDialog opened={opened} onClose={onClose} title="Create API key">
      {(form) => <Fields form={form} />}
    </SecretDialog>
  );
}

function Fields({ form: { submit, busy, problem, fields, cancel } }: { form: SecretForm }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<KeyRole>('viewer');
  const [days, setDays] = useState('');
  const make = async () => {
    const { key } = await answer(
      api.POST('/api/v1/organizations/{org}/api-keys', {
        params: { path: { org }, header: idempotent() },
        body: { name: name.trim(), role, expires_at: endOf(days) },
      }),
    );
    void queries.invalidateQueries({ queryKey: apiKeysQuery(org).queryKey });
    return secretOf(key, org);
  };
  return (
    <DialogForm
      verb="Create API key"
      busy={busy}
      problem={problem}
      onCancel={cancel}
      onSubmit={() => void submit(make)}
    >
      <TextInput
        label="Name"
        description="The program that will use it"
        placeholder="Nightly report"
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
        data={keyRoles}
        value={role}
        allowDeselect={false}
        onChange={(chosen) => chosen && setRole(chosen)}
      />
      <Lifetime days={days} onChange={setDays} />
    </DialogForm>
  );
}

function secretOf(key: string, org: string): Secret {
  const { origin } = window.location;
  const command = `curl ${origin}/api/v1/organizations/${org}/devices \\\n  -H 'Authorization: Bearer ${key}'`;
  return {
    title: 'The new API key',
    values: [{ label: 'Key', value: key }],
    warning:
      'The key is shown only now. Copy it to where the program keeps its secrets; if it gets lost, revoke it and create another.',
    more: (
      <>
        <CodeBlock code={command} label="curl command" />
        <Anchor href="/docs" target="_blank" size="sm">
          What else it can ask for: the API reference
        </Anchor>
      </>
    ),
  };
}
