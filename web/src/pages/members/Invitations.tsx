import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client.ts';
import { invitationsQuery } from '../../api/queries.ts';
import type { Invitation } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import type { Question } from '../../components/Confirm.tsx';
import { Failure } from '../../components/Failure.tsx';
import { Panel } from '../../components/Page.tsx';
import { Row, Rows } from '../../components/Rows.tsx';
import { tell } from '../../components/toasts.ts';
import { useNow } from '../../components/use-now.ts';
import { useOrganization } from '../../session/session.ts';
import { roleWords } from './role-choices.ts';

/** Links that nobody has used yet. */
export function Invitations({ onQuestion }: { onQuestion: (question: Question) => void }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const now = useNow();
  const { data, error, refetch } = useQuery(invitationsQuery(org));
  const open =
    data?.filter(({ accepted_at, expires_at }) => !accepted_at && Date.parse(expires_at) > now) ?? [];
  if (error) {
    return <Failure what="The invitations could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (open.length === 0) return null;
  const askToRevoke = (invitation: Invitation) =>
    onQuestion({
      title: 'Revoke this invitation?',
      text: `The link for ${nameOf(invitation)} works no more. Who has joined already stays.`,
      verb: 'Revoke invitation',
      danger: true,
      act: async () => {
        const path = { org, invitation: invitation.id };
        await answer(
          api.DELETE('/api/v1/organizations/{org}/invitations/{invitation}', { params: { path } }),
        );
        await queries.invalidateQueries({ queryKey: invitationsQuery(org).queryKey });
        tell('The invitation is revoked');
      },
    });
  return (
    <Panel title="Pending invitations" flush>
      <Rows label="Invitations">
        {open.map((invitation) => (
          <Row
            key={invitation.id}
            title={nameOf(invitation)}
            detail={
              <>
                <span>as {roleWords[invitation.role].name.toLowerCase()}</span>
                <span>
                  made <Ago at={invitation.created_at} />
                </span>
                <span>
                  expires <Ago at={invitation.expires_at} />
                </span>
              </>
            }
            actions={
              <Button
                size="xs"
                variant="default"
                miw={82}
                aria-label={`Revoke the invitation of ${nameOf(invitation)}`}
                onClick={() => askToRevoke(invitation)}
              >
                Revoke
              </Button>
            }
          />
        ))}
      </Rows>
    </Panel>
  );
}

function nameOf({ email }: Invitation): string {
  return email ?? 'Anyone with the link';
}
