import type { Credential } from '../../api/types.ts';

export type CredentialState = 'active' | 'expiring' | 'expired' | 'disabled';

/** How a credential stands at the time `now`, in ms since 1970. */
export function stateOf({ disabled_at, expires_at }: Credential, now: number): CredentialState {
  if (disabled_at) return 'disabled';
  if (!expires_at) return 'active';
  return Date.parse(expires_at) <= now ? 'expired' : 'expiring';
}

/** An end this near should be seen to. */
const soonMs = 7 * 86_400_000;

/** True for what expires within the week: devices that use it have to move. */
export function endsSoon({ expires_at }: Credential, now: number): boolean {
  return expires_at !== null && Date.parse(expires_at) - now < soonMs;
}

/** What it is known by: its label, else its user name. */
export function nameOf({ label, username }: Pick<Credential, 'label' | 'username'>): string {
  return label || username;
}

/** Whether one of its names holds what is searched for. */
export function matches(credential: Credential, sought: string): boolean {
  const names = [credential.label, credential.username, credential.external_device_id ?? ''];
  return names.some((name) => name.toLowerCase().includes(sought.toLowerCase()));
}
