import { z } from 'zod';
import { id } from './common.ts';

export const accountPassword = z.string().min(10, 'needs at least 10 characters').max(128);

/** POST /api/auth/sign-in/email. Sets the session's cookie. */
export const signIn = z
  .object({ email: z.email().max(320), password: z.string().min(1).max(128) })
  .meta({ id: 'SignIn' });
export const signedIn = z
  .object({ user: z.object({ id, name: z.string(), email: z.string() }) })
  .meta({ id: 'SignedIn' });

/** POST /api/auth/change-password. Ends every other session of the account. */
export const changePassword = z
  .object({ current_password: z.string().min(1).max(128), new_password: accountPassword })
  .meta({ id: 'ChangePassword' });
