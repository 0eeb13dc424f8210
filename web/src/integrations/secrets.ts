import type { CreatedIntegration } from '../api/types.ts';

/** What is shown of an integration once: while it is here, it is filled in where its place is. */
export type Secrets = Pick<CreatedIntegration, 'token' | 'signing_secret' | 'bridge'>;

/** A file of the setup with the secrets in place of `<token>` and `<password>`. */
export function withSecrets(text: string, secrets: Secrets | undefined): string {
  const { token, bridge } = secrets ?? {};
  let filled = text;
  if (token) filled = filled.replaceAll('<token>', () => token);
  if (bridge) filled = filled.replaceAll('<password>', () => bridge.password);
  return filled;
}
