import { Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Role } from '../../../../src/contract/common.ts';
import { answer, api, idempotent } from '../../api/client.ts';
import { invitationsQuery } from '../../api/queries.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { SecretDialog, type SecretForm } from '../../components/SecretDialog.tsx';
import { plural } from '../../format/value.ts';
import { useOrganization } from '../../session/session.ts';
import { grantableBy, roleChoices } from './role-choices.ts';

const lifetimes = [1, 7, 30];

/** Makes a link by which somebody joins. We send no mail: whoever invites passes it on. */
export function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { name } = useOrganization();
  return (
    <SecretDialog opened={opened} onClose={onClose} title={`Invite to ${name}`}>
      {(form) => <Fields form={form} />}
    </SecretDialog>
  );
}

function Fields({ form: { submit, busy, problem, fields, cancel } }: { form: SecretForm }) {
  const { id: org, role: ownRole } = useOrganization();
  const queries = useQueryClient();
  const [role, setRole] = useState<Role>('member');
  const [email, setEmail] = useState('');
  const [days, setDays] = useState(7);
  const make = async () => {
    const { url } = await answer(
      api.POST('/api/v1/organizations/{org}/invitations', {
        params: { path: { org }, header: idempotent() },
        body: { role, email: email.trim() || undefined, expires_in_days: days },
      }),
    );
    void queries.invalidateQueries({ queryKey: invitationsQuery(org).queryKey });
    return {
      title: 'Pass this link on',
      values: [{ label: 'Link', value: url }],
      warning: `The link is shown only now. It works once and for ${plural(days, 'day')}, ${email.trim() ? `for ${email.trim()} alone` : 'for whoever has it'}. If it gets lost, revoke it and invite again.`,
    };
  };
  return (
    <DialogForm
      verb="Create link"
      busy={busy}
      problem={problem}
      onCancel={cancel}
      onSubmit={() => void submit(make)}
    >
      <Select
        label="Role"
        data={roleChoices(grantableBy(ownRole))}
        value={role}
        allowDeselect={false}
        onChange={(chosen) => chosen && setRole(chosen)}
        data-autofocus
      />
      <TextInput
        label="Email (optional)"
        description="Then only an account with this address can use the link"
        type="email"
        maxLength={320}
        autoComplete="off"
        value={email}
        error={fields.email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <Select
        label="The link works for"
        data={lifetimes.map((count) => ({ value: String(count), label: plural(count, 'day') }))}
        value={String(days)}
        allowDeselect={false}
        onChange={(count) => setDays(Number(count))}
      />
    </DialogForm>
  );
}
