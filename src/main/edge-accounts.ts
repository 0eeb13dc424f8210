import type { Accounts } from '../http/accounts.ts';
import { PlatformError } from '../service/errors.ts';

const notHere = () =>
  Promise.reject(new PlatformError('not_found', 'Sign in with Supabase, and send its access token.'));

/** Users are the Supabase project's: nobody signs in here. */
export const accountsElsewhere: Accounts = {
  userOf: async () => ({ value: undefined, cookies: [] }),
  signIn: notHere,
  signOut: notHere,
  changePassword: notHere,
};
