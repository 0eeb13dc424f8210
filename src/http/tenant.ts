import type { Context } from 'hono';
import { roleIn } from '../database/organizations.ts';
import { withScope } from '../database/scope.ts';
import type { Transaction } from '../database/transaction.ts';
import { isAtLeast, type Role } from '../domain/role.ts';
import { PlatformError } from '../service/errors.ts';
import type { Env } from './platform.ts';

/** What a route's work for one organization gets. */
export interface Tenant {
  tx: Transaction;
  organizationId: string;
  role: Role;
}

/**
 * Runs a route's work in the caller's scope, in one transaction, if their role in the organization of the path is at
 * least `least`. Row-level security would hide or refuse the same rows; this tells the caller which it was.
 * @throws PlatformError `not_found` alike for an organization of others and one that does not exist; `forbidden`
 */
export function inOrganization<Result>(
  c: Context<Env>,
  least: Role,
  work: (tenant: Tenant) => Promise<Result>,
): Promise<Result> {
  const organizationId = c.req.param('org')!;
  return withScope(c.get('platform').pool, c.get('authenticated').caller, async (tx) =>
    work({ tx, organizationId, role: await requireRole(tx, organizationId, least) }),
  );
}

/**
 * The caller's role in an organization, if it is at least `least`.
 * @throws PlatformError `not_found` alike for an organization of others and one that does not exist; `forbidden`
 */
export async function requireRole(tx: Transaction, organizationId: string, least: Role): Promise<Role> {
  const role = await roleIn(tx, organizationId);
  if (!role) throw notFound('organization');
  if (!isAtLeast(role, least)) {
    throw new PlatformError('forbidden', `This needs the role ${least} or higher; yours is ${role}.`);
  }
  return role;
}

/** For what another organization has as for what nobody has. */
export function notFound(what: string): PlatformError {
  return new PlatformError('not_found', `There is no ${what} with this id.`);
}

/** What was found. @throws PlatformError `not_found` */
export function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw notFound(what);
  return value;
}
