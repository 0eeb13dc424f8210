import { createRemoteJWKSet, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { PlatformError } from '../service/errors.ts';
import type { User } from './accounts.ts';

export interface SupabaseProject {
  /** `https://{project}.supabase.co`: publishes the keys of its tokens. */
  url: string | undefined;
  /** What older projects sign with (HS256). */
  jwtSecret: string | undefined;
}

/** @returns the user that a project's access token stands for; undefined for any other token @throws PlatformError `unavailable` */
export type SupabaseUsers = (token: string) => Promise<User | undefined>;

/** Access tokens with much user_metadata reach some kilobytes; longer ones aren't looked at. */
const MOST_CHARACTERS = 16_384;

/** What Supabase Auth says of a signed-in user. The keys `anon` and `service_role` are tokens too, of nobody. */
const claims = z.object({
  sub: z.uuid(),
  role: z.literal('authenticated'),
  email: z.string().optional().catch(undefined),
  user_metadata: z
    .object({ full_name: z.string().optional(), name: z.string().optional() })
    .optional()
    .catch(undefined),
});

/**
 * Knows the users of a Supabase project by their access tokens. Undefined without a project to trust.
 * Each kind of key verifies its own algorithms only: a public key is never taken for a secret (RFC 8725, 2.1).
 */
export function supabaseUsers({ url, jwtSecret }: SupabaseProject): SupabaseUsers | undefined {
  if (!url && !jwtSecret) return undefined;
  const secret = jwtSecret === undefined ? undefined : new TextEncoder().encode(jwtSecret);
  // Keeps the keys for ten minutes, and asks again for one it does not know, at most twice a minute.
  const published = url ? createRemoteJWKSet(new URL(`${url}/auth/v1/.well-known/jwks.json`)) : undefined;
  const common = { audience: 'authenticated', requiredClaims: ['exp', 'sub'], clockTolerance: 5 };

  async function payload(token: string): Promise<JWTPayload | undefined> {
    const algorithm = algorithmOf(token);
    if (algorithm === undefined) return undefined;
    if (algorithm === 'HS256') {
      return secret && (await jwtVerify(token, secret, { ...common, algorithms: ['HS256'] })).payload;
    }
    const algorithms = ['ES256', 'RS256', 'EdDSA'];
    return published && (await jwtVerify(token, published, { ...common, algorithms })).payload;
  }

  return async (token) => {
    if (token.length > MOST_CHARACTERS) return undefined;
    try {
      const { data } = claims.safeParse(await payload(token));
      const { full_name, name } = data?.user_metadata ?? {};
      return data && { id: data.sub, email: data.email ?? '', name: full_name ?? name ?? '' };
    } catch (error) {
      if (isOfToken(error)) return undefined;
      throw new PlatformError('unavailable', 'The keys of the Supabase project can’t be fetched.', {
        retryAfter: 5,
        cause: error,
      });
    }
  };
}

/** Undefined for text that is no token. */
function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch {
    return undefined;
  }
}

/** As opposed to what keeps us from finding out: the network, or an answer that is no key set. */
function isOfToken(error: unknown): boolean {
  const away = [errors.JWKSTimeout.code, errors.JWKSInvalid.code, errors.JOSEError.code];
  return error instanceof errors.JOSEError && !away.includes(error.code);
}
