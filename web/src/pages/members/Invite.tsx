import { Button, Group, Modal, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Role } from '../../../../src/contract/common.ts';
import { roles } from '../../../../src/domain/role.ts';
import { answer, api, idempotent } from '../../api/client.ts';
import { invitationsQuery } from '../../api/queries.ts';
import { FormProblem } from '../../components/FormProblem.tsx';
import { OnceShown, type Secret } from '../../components/OnceShown.tsx';
import { useSubmit } from '../../components/use-submit.ts';
import { useOrganization } from '../../session/session.ts';

const days = [1, 7, 30];

/** Makes a link by which somebody joins. We send no mail: whoever invites passes it on. */
export function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const organization = useOrganization();
  const org = organization.id;
  const queries = useQueryClient();
  const [role, setRole] = useState<Role>('member');
  const [email, setEmail] = useState('');
  const [expiresIn, setExpiresIn] = useState(7);
  const [secret, setSecret] = useState<Secret>();
  const { submit, busy, problem, fields } = useSubmit(async () => {
    const { url } = await answer(
      api.POST('/api/v1/organizations/{org}/invitations', {
        params: { path: { org }, header: idempotent() },
        body: { role, email: email.trim() || undefined, expires_in_days: expiresIn },
      }),
    );
    onClose();
    setEmail('');
    setSecret({
      title: 'Send this link',
      values: [{ label: 'Link', value: url }],
      warning: `It is shown only now and works once, until ${expiresIn === 1 ? 'tomorrow' : `${expiresIn} days from now`}. If it gets lost, revoke it and make another.`,
    });
    await queries.invalidateQueries({ queryKey: invitationsQuery(org).queryKey });
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
        title={`Invite to ${organization.name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={onSubmit} style={{ display: 'grid', gap: 14 }}>
          <Select
            label="Role"
            data={roles.filter((one) => one !== 'owner' || organization.role === 'owner')}
            value={role}
            allowDeselect={false}
            onChange={(chosen) => setRole(chosen as Role)}
            data-autofocus
          />
          <TextInput
            label="Email"
            description="Only an account with this address can use the link; anyone with the link if it is empty"
            type="email"
            maxLength={320}
            value={email}
            error={fields.email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Select
            label="Works for"
            data={days.map((count) => ({
              value: String(count),
              label: count === 1 ? '1 day' : `${count} days`,
            }))}
            value={String(expiresIn)}
            allowDeselect={false}
            onChange={(count) => setExpiresIn(Number(count))}
          />
          <FormProblem problem={problem} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Make the link
            </Button>
          </Group>
        </form>
      </Modal>
      <OnceShown secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}
