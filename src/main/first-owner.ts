import { anyOwner, insertFirstOwner } from '../database/accounts.ts';
import { asPlatform } from '../database/scope.ts';
import { hashAccountPassword } from '../http/accounts.ts';
import type { Config } from './config.ts';
import type { Database } from './database.ts';

/** @returns whether somebody owns an organization now */
export async function createFirstOwner({ admin }: Config, { pool }: Database): Promise<boolean> {
  return asPlatform(pool, async (tx) => {
    if (await anyOwner(tx)) return true;
    if (!admin) return false;
    const passwordHash = await hashAccountPassword(admin.password);
    const [name = 'Admin'] = admin.email.split('@');
    await insertFirstOwner(tx, {
      name,
      email: admin.email,
      passwordHash,
      organizationName: 'My organization',
    });
    return true;
  });
}
