import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { membersQuery, meQuery } from '../../api/queries.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { Failure } from '../../components/Failure.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { IconUserPlus } from '../../components/icons.ts';
import { Page, Panel } from '../../components/Page.tsx';
import { Rows } from '../../components/Rows.tsx';
import { useOrganization, usePermission } from '../../session/session.ts';
import { Invitations } from './Invitations.tsx';
import { Invite } from './Invite.tsx';
import { MemberRow } from './MemberRow.tsx';

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
      description="Viewers look on, members work with devices, admins manage credentials, keys and people, owners everything."
      actions={
        <GatedButton needs="admin" leftSection={<IconUserPlus size={17} />} onClick={() => setInviting(true)}>
          Invite someone
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
        {!members.data && !members.error && <Skeleton height={116} radius={0} />}
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
