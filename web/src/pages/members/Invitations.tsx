import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client.ts';
import { invitationsQuery } from '../../api/queries.ts';
import type { Invitation } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import type { Question } from '../../components/Confirm.tsx';
import { Panel } from '../../components/Page.tsx';
import { Row, Rows } from '../../components/Rows.tsx';
import { tell } from '../../components/toasts.ts';
import { useNow } from '../../components/use-now.ts';
import { useOrganization } from '../../session/session.ts';

/** Links that nobody has used yet. */
export function Invitations({ onQuestion }: { onQuestion: (question: Question) => void }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const now = useNow();
  const { data } = useQuery(invitationsQuery(org));
  const open =
    data?.filter(({ accepted_at, expires_at }) => !accepted_at && Date.parse(expires_at) > now) ?? [];
  if (open.length === 0) return null;
  const askToRevoke = (invitation: Invitation) =>
    onQuestion({
      title: 'Revoke the invitation?',
      text: 'Its link will not work any more.',
      verb: 'Revoke',
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
    <Panel title="Invited" flush>
      <Rows label="Invitations">
        {open.map((invitation) => (
          <Row
            key={invitation.id}
            title={invitation.email ?? 'Anyone with the link'}
            detail={
              <>
                <span>as {invitation.role}</span>
                <span>
                  expires <Ago at={invitation.expires_at} />
                </span>
              </>
            }
            actions={
              <Button size="xs" variant="default" onClick={() => askToRevoke(invitation)}>
                Revoke
              </Button>
            }
          />
        ))}
      </Rows>
    </Panel>
  );
}
