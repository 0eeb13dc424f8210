import type { Organization } from '../contract/platform.ts';
import type { Role } from '../domain/role.ts';
import type { Transaction } from './transaction.ts';

const roleStatement = { name: 'role_in', text: 'select private.role_in($1) as role' };

/** The caller's role, or undefined for an organization that is not theirs or does not exist: nobody can tell. */
export async function roleIn(tx: Transaction, organizationId: string): Promise<Role | undefined> {
  const row = await tx.row<{ role: Role | null }>(roleStatement, [organizationId]);
  return row?.role ?? undefined;
}

const columns = 'id, name, private.role_in(id) as role, created_at';

/** The caller's organizations by name. */
export function listOrganizations(tx: Transaction): Promise<Organization[]> {
  return tx.rows(`select ${columns} from public.organizations order by name, id`);
}

export async function getOrganization(tx: Transaction, id: string): Promise<Organization | undefined> {
  return tx.row(`select ${columns} from public.organizations where id = $1`, [id]);
}

/** The caller becomes its owner. */
export async function createOrganization(tx: Transaction, name: string): Promise<Organization> {
  const created = await tx.row<{ id: string }>('select public.create_organization($1) as id', [name]);
  return (await getOrganization(tx, created!.id))!;
}

export function renameOrganization(
  tx: Transaction,
  id: string,
  name: string,
): Promise<Organization | undefined> {
  return tx.row(`update public.organizations set name = $2 where id = $1 returning ${columns}`, [id, name]);
}
