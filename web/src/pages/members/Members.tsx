import { Button, Select } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Role } from '../../../../src/contract/common.ts';
import { roles } from '../../../../src/domain/role.ts';
import { answer, api } from '../../api/client.ts';
import { membersQuery, meQuery } from '../../api/queries.ts';
import type { Member } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { Failure } from '../../components/Failure.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { IconUserPlus } from '../../components/icons.ts';
import { Page, Panel } from '../../components/Page.tsx';
import { Row, Rows } from '../../components/Rows.tsx';
import { tell, tellProblem } from '../../components/toasts.ts';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import { Invitations } from './Invitations.tsx';
import { Invite } from './Invite.tsx';

/** Who belongs to the organization, as what, and who is invited. */
export function Members() {
  const organization = useOrganization();
  const org = organization.id;
  const members = useQuery(membersQuery(org));
  const { data: me } = useQuery(meQuery);
  const mayInvite = usePermission('admin').allowed;
  const [inviting, setInviting] = useState(false);
  const [question, setQuestion] = useState<Question>();
  return (
    <Page
      title="Members"
      description="Viewers look, members work with devices, admins manage credentials and people, owners own."
      actions={
        <GatedButton needs="admin" leftSection={<IconUserPlus size={17} />} onClick={() => setInviting(true)}>
          Invite
        </GatedButton>
      }
    >
      {members.error && (
        <Failure
          what="The members could not be read"
          error={members.error}
          onRetry={() => void members.refetch()}
        />
      )}
      <Panel title="Members" flush>
        <Rows label="Members">
          {members.data?.map((member) => (
            <MemberRow
              key={member.user_id}
              member={member}
              own={member.user_id === me?.user?.id}
              onQuestion={setQuestion}
            />
          ))}
        </Rows>
      </Panel>
      {mayInvite && <Invitations onQuestion={setQuestion} />}
      <Invite opened={inviting} onClose={() => setInviting(false)} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </Page>
  );
}

interface RowProps {
  member: Member;
  /** The viewer themselves. */
  own: boolean;
  onQuestion: (question: Question) => void;
}

function MemberRow({ member, own, onQuestion }: RowProps) {
  const organization = useOrganization();
  const org = organization.id;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const params = { path: { org, user: member.user_id } };
  // Admins manage everyone but owners; owners are made and unmade by owners.
  const isOwner = organization.role === 'owner';
  const manages = isOwner || (organization.role === 'admin' && member.role !== 'owner');
  const refresh = () => queries.invalidateQueries({ queryKey: membersQuery(org).queryKey });

  const setRole = async (role: Role) => {
    try {
      await answer(api.PATCH('/api/v1/organizations/{org}/members/{user}', { params, body: { role } }));
      tell(`${member.name} is ${role} now`);
      if (own) await queries.invalidateQueries({ queryKey: meQuery.queryKey });
    } catch (error) {
      tellProblem('The role was not changed', error);
    }
    await refresh();
  };
  const askToRemove = () =>
    onQuestion({
      title: own ? `Leave ${organization.name}?` : `Remove ${member.name}?`,
      text: own
        ? 'You will see nothing of it any more, until somebody invites you again.'
        : `${member.name} will see nothing of ${organization.name} any more. API keys and credentials that they made stay.`,
      verb: own ? 'Leave' : 'Remove',
      danger: true,
      act: async () => {
        await answer(api.DELETE('/api/v1/organizations/{org}/members/{user}', { params }));
        if (own) {
          await navigate({ to: paths.home });
          queries.clear();
        } else {
          await refresh();
          tell(`${member.name} is removed`);
        }
      },
    });

  return (
    <Row
      title={
        <>
          {member.name}
          {own && ' (you)'}
        </>
      }
      detail={
        <>
          <span>{member.email}</span>
          <span>
            since <Ago at={member.created_at} />
          </span>
        </>
      }
      actions={
        <>
          <Select
            size="xs"
            w={110}
            aria-label={`Role of ${member.name}`}
            data={roles.filter((role) => isOwner || role !== 'owner' || member.role === 'owner')}
            value={member.role}
            allowDeselect={false}
            disabled={!manages}
            onChange={(role) => role && role !== member.role && void setRole(role as Role)}
          />
          {(manages || own) && (
            <Button
              size="xs"
              variant="default"
              onClick={askToRemove}
              aria-label={own ? 'Leave' : `Remove ${member.name}`}
            >
              {own ? 'Leave' : 'Remove'}
            </Button>
          )}
        </>
      }
    />
  );
}
