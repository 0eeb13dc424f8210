import type { Member } from '../contract/members.ts';
import type { Role } from '../domain/role.ts';
import type { Transaction } from './transaction.ts';

/** Names and addresses come from the accounts, which may be gone or of another system. */
const selectMember = `select m.user_id, coalesce(p.name, '') as name, coalesce(p.email, '') as email, m.role, m.created_at
  from public.organization_members m
  left join private.profiles_of($1) p on p.user_id = m.user_id
 where m.organization_id = $1`;

export interface MemberAddress {
  organizationId: string;
  userId: string;
}

export function listMembers(tx: Transaction, organizationId: string): Promise<Member[]> {
  return tx.rows(`${selectMember} order by name, m.user_id`, [organizationId]);
}

export function getMember(tx: Transaction, address: MemberAddress): Promise<Member | undefined> {
  return tx.row(`${selectMember} and m.user_id = $2`, [address.organizationId, address.userId]);
}

/** @returns false when the caller's role does not reach that far */
export async function changeRole(tx: Transaction, address: MemberAddress, role: Role): Promise<boolean> {
  const row = await tx.row(
    'update public.organization_members set role = $3 where organization_id = $1 and user_id = $2 returning role',
    [address.organizationId, address.userId, role],
  );
  return row !== undefined;
}

/** @returns false when the caller's role does not reach that far */
export async function removeMember(tx: Transaction, address: MemberAddress): Promise<boolean> {
  const row = await tx.row(
    'delete from public.organization_members where organization_id = $1 and user_id = $2 returning role',
    [address.organizationId, address.userId],
  );
  return row !== undefined;
}
