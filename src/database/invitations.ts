import type { Invitation, InvitationPreview } from '../contract/members.ts';
import type { Role } from '../domain/role.ts';
import { PlatformError } from '../service/errors.ts';
import type { Transaction } from './transaction.ts';

const columns = 'id, email, role, created_at, expires_at, accepted_at';
/** Enough for any team, few enough to list at once. */
const MOST_OPEN = 200;

/** Newest first. */
export function listInvitations(tx: Transaction, organizationId: string): Promise<Invitation[]> {
  return tx.rows(
    `select ${columns} from public.organization_invitations where organization_id = $1
      order by created_at desc, id limit 500`,
    [organizationId],
  );
}

/** @throws PlatformError `limit_reached`; `forbidden` for an owner's invitation by someone else */
export async function insertInvitation(
  tx: Transaction,
  invitation: {
    organizationId: string;
    email: string | null;
    role: Role;
    tokenHash: Uint8Array;
    invitedBy: string | null;
    days: number;
  },
): Promise<Invitation> {
  const open = await tx.row<{ count: number }>(
    `select count(*) from public.organization_invitations
      where organization_id = $1 and accepted_at is null and expires_at > now()`,
    [invitation.organizationId],
  );
  if (open!.count >= MOST_OPEN) {
    throw new PlatformError(
      'limit_reached',
      `There are ${MOST_OPEN} open invitations already: withdraw some.`,
    );
  }
  const row = await tx.row<Invitation>(
    `insert into public.organization_invitations (organization_id, email, role, token_hash, invited_by, expires_at)
     values ($1, $2, $3, $4, $5, now() + make_interval(days => $6)) returning ${columns}`,
    [
      invitation.organizationId,
      invitation.email,
      invitation.role,
      invitation.tokenHash,
      invitation.invitedBy,
      invitation.days,
    ],
  );
  return row!;
}

/** @returns false when there is none */
export async function deleteInvitation(
  tx: Transaction,
  address: { organizationId: string; invitationId: string },
): Promise<boolean> {
  const row = await tx.row(
    'delete from public.organization_invitations where organization_id = $1 and id = $2 returning id',
    [address.organizationId, address.invitationId],
  );
  return row !== undefined;
}

/** An invitation that can still be accepted. `expires_at` and the rest as the invited are shown it. */
export type OpenInvitation = InvitationPreview & { id: string; organization_id: string };

/**
 * By its token, which is all that the invited has: as the platform. Locks it, so that it is used once.
 * @throws PlatformError `gone` alike for one that was used, withdrawn, has expired or never was
 */
export async function openInvitation(tx: Transaction, tokenHash: Uint8Array): Promise<OpenInvitation> {
  const row = await tx.row<OpenInvitation>(
    `select i.id, i.organization_id, o.name as organization_name, i.role, i.email, i.expires_at
       from public.organization_invitations i
       join public.organizations o on o.id = i.organization_id
      where i.token_hash = $1 and i.accepted_at is null and i.expires_at > now()
        for update of i`,
    [tokenHash],
  );
  if (!row)
    throw new PlatformError(
      'gone',
      'This invitation was used or withdrawn, or has expired. Ask for a new one.',
    );
  return row;
}

/** Makes the user a member, as the platform. @throws PlatformError `conflict` for one who is a member already */
export async function acceptInvitation(
  tx: Transaction,
  invitation: OpenInvitation,
  userId: string,
): Promise<void> {
  await tx.row(
    'insert into public.organization_members (organization_id, user_id, role) values ($1, $2, $3)',
    [invitation.organization_id, userId, invitation.role],
  );
  await tx.row(
    'update public.organization_invitations set accepted_at = now(), accepted_by = $2 where id = $1',
    [invitation.id, userId],
  );
}
