import type { Credential } from '../../api/types.ts';

export type CredentialState = 'active' | 'expiring' | 'expired' | 'disabled';

/** How a credential stands at the time `now`, in ms since 1970. */
export function stateOf({ disabled_at, expires_at }: Credential, now: number): CredentialState {
  if (disabled_at) return 'disabled';
  if (!expires_at) return 'active';
  return Date.parse(expires_at) <= now ? 'expired' : 'expiring';
}

/** What it is known by: its label, else its user name. */
export function nameOf({ label, username }: Pick<Credential, 'label' | 'username'>): string {
  return label || username;
}
