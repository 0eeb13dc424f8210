import type { Organization as AnsweredOrganization } from '../contract/platform.ts';
import type { Role } from '../domain/role.ts';
import type { Transaction } from './transaction.ts';

/** The platform's own retention is nothing that the database knows. */
export type Organization = Omit<AnsweredOrganization, 'platform_retention_days'>;

const roleStatement = { name: 'role_in', text: 'select private.role_in($1) as role' };

/** The caller's role, or undefined for an organization that is not theirs or does not exist: nobody can tell. */
export async function roleIn(tx: Transaction, organizationId: string): Promise<Role | undefined> {
  const row = await tx.row<{ role: Role | null }>(roleStatement, [organizationId]);
  return row?.role ?? undefined;
}

const columns =
  'id, name, private.role_in(id) as role, readings_retention_days as retention_days, created_at';

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

/** Changes what is given; a retention of null is the platform's. */
export function updateOrganization(
  tx: Transaction,
  id: string,
  changes: { name?: string | undefined; retention_days?: number | null | undefined },
): Promise<Organization | undefined> {
  return tx.row(
    `update public.organizations
        set name = coalesce($2, name), readings_retention_days = case when $3 then $4::int else readings_retention_days end
      where id = $1 returning ${columns}`,
    [id, changes.name, changes.retention_days !== undefined, changes.retention_days],
  );
}
