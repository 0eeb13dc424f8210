import type { Transaction } from './transaction.ts';

/** Accounts as the platform makes them; signing in and sessions are better-auth's. */

export interface NewAccount {
  name: string;
  email: string;
  /** As better-auth hashes it. */
  passwordHash: string;
}

/** @returns the user's id @throws PlatformError `conflict` when there is an account with this address */
export async function insertAccount(tx: Transaction, account: NewAccount): Promise<string> {
  const row = await tx.row<{ id: string }>(
    `with created as (
       insert into accounts."user" (name, email) values ($1, lower($2)) returning id
     )
     insert into accounts.account ("userId", "accountId", "providerId", password)
     select id, id, 'credential', $3 from created
     returning "userId" as id`,
    [account.name, account.email, account.passwordHash],
  );
  return row!.id;
}

/** Whether anybody owns an organization: until then the platform is not set up. */
export async function anyOwner(tx: Transaction): Promise<boolean> {
  const row = await tx.row<{ found: boolean }>(
    `select exists (select from public.organization_members where role = 'owner') as found`,
  );
  return row!.found;
}

/**
 * Makes the first owner and their organization. Of two that try at the same time one finds it done.
 * @returns their id, or undefined when there is an owner already
 */
export async function insertFirstOwner(
  tx: Transaction,
  owner: NewAccount & { organizationName: string },
): Promise<string | undefined> {
  await tx.row(`select pg_advisory_xact_lock(hashtextextended('netneural set-up', 0))`);
  if (await anyOwner(tx)) return undefined;
  const userId = await insertAccount(tx, owner);
  await tx.row('select private.found_organization($1, $2)', [owner.organizationName, userId]);
  return userId;
}
